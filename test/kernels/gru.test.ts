import { describeRecurrentKernel } from "../helpers/recurrent-kernel.js";

describeRecurrentKernel({ name: "gru", gates: 3, biases: ["biasIh", "biasHh"], kept: { gates: 3, qs: 1 } });
