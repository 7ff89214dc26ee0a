import { describeRecurrentKernel } from "../helpers/recurrent-kernel.js";

describeRecurrentKernel({ name: "rnn", gates: 1, biases: ["bias"], kept: {} });
