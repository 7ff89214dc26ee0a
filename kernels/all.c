// Every kernel in one translation unit: build.mjs compiles it once for each instruction set.
#include "dropout.c"
#include "embedding.c"
#include "gru.c"
#include "linear.c"
#include "lstm.c"
#include "optim.c"
#include "rnn.c"
#include "softmax.c"
