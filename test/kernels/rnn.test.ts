import { rnn } from "../helpers/recurrent-case.js";
import { describeRecurrentKernel } from "../helpers/recurrent-kernel.js";

describeRecurrentKernel(rnn);
