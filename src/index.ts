// Engine: backends, layers, optimizers, randomness, errors

export {
  type Backend,
  type BackendName,
  type BackendOptions,
  backendNames,
  type Precision,
  precisions,
} from "./engine/backend/backend.js";
export { openReference } from "./engine/backend/reference.js";
export { openWasm, type WasmOptions } from "./engine/backend/wasm.js";
export { runThread, type StartedThread, type WasmThread } from "./engine/backend/wasm-thread.js";
export { checkOptions } from "./engine/check-options.js";
export { editDistance, type Tokens } from "./engine/edit-distance.js";
export { DataError, OptionError, SeqloomError, ShapeError } from "./engine/errors.js";
export { Attention, type Scoring, scorings } from "./engine/layers/attention.js";
export { AttentionMemory } from "./engine/layers/attention-memory.js";
export { Bidirectional } from "./engine/layers/bidirectional.js";
export { type CellName, cells } from "./engine/layers/cells.js";
export { Conv2d, type Conv2dSizes } from "./engine/layers/conv2d.js";
export { CrossEntropy } from "./engine/layers/cross-entropy.js";
export { Dropout, type Phase } from "./engine/layers/dropout.js";
export { Embedding } from "./engine/layers/embedding.js";
export { GRU } from "./engine/layers/gru.js";
export { type InitializerName, initialize, initializers } from "./engine/layers/initialize.js";
export type { Layer, Lookup, Sequence } from "./engine/layers/layer.js";
export { Linear } from "./engine/layers/linear.js";
export { LSTM } from "./engine/layers/lstm.js";
export { MaxPool } from "./engine/layers/max-pool.js";
export { Positions } from "./engine/layers/positions.js";
export { Pyramid } from "./engine/layers/pyramid.js";
export { Recurrent, type RecurrentOptions, type RecurrentState } from "./engine/layers/recurrent.js";
export { ReLU } from "./engine/layers/relu.js";
export { RNN } from "./engine/layers/rnn.js";
export { Tanh } from "./engine/layers/tanh.js";
export { TokenHead, type TokenHeadInput } from "./engine/layers/token-head.js";
export {
  Adam,
  clipFactor,
  gradientNorm,
  type Optimizer,
  type OptimizerName,
  optimizers,
  type ScheduleName,
  SGD,
  schedules,
} from "./engine/optim/optimizer.js";
export { Random } from "./engine/random.js";
export { Ints, type Param, Tensor } from "./engine/tensor.js";

// Models, tokenizers, decoding, metrics

export { AllowedWords } from "./decode/allowed-words.js";
export {
  type Answered,
  type AnswerOptions,
  EncodedSources,
  type GreedyAnswer,
  type GreedyOptions,
  greedy,
} from "./decode/answer.js";
export type { Hypothesis } from "./decode/beam.js";
export { DecodeOptions, type SearchOptions } from "./decode/decode-options.js";
export { forcedScores } from "./decode/forced-scores.js";
export { type GenerateOptions, generate, generateIds } from "./decode/generate.js";
export { type AttentionMap, type NamedSources, type Prediction, predict, predictSources } from "./decode/predict.js";
export type { ConstraintState } from "./decode/rules.js";
export { Sampler, SamplerOptions } from "./decode/sampler.js";
export { type StepModel, search } from "./decode/search.js";
export { Bleu, BleuOptions, type BleuParts, type BleuScore, corpusBleu, sentenceBleu } from "./metrics/bleu.js";
export { bootstrap, type Interval } from "./metrics/bootstrap.js";
export { Chrf, ChrfOptions, type ChrfScore, corpusChrf, sentenceChrf } from "./metrics/chrf.js";
export { type Measure, scoreCorpus } from "./metrics/measure.js";
export {
  errorRate,
  exactMatch,
  type MeasureName,
  measures,
  positionAccuracy,
  type Sentence,
} from "./metrics/measures.js";
export { Captioner, type CaptionerShape } from "./models/captioner.js";
export { CaptionerConfig } from "./models/captioner-config.js";
export type { PictureSize } from "./models/convolutions.js";
export { Decoder, type DecoderBatch, type DecoderOptions, type SharedWeights } from "./models/decoder.js";
export { type DropoutOptions, type Encoded, Encoder, type LayerSizes } from "./models/encoder.js";
export { type DecoderTraining, EncoderDecoder, type SourceEncoder } from "./models/encoder-decoder.js";
export {
  LanguageModel,
  LanguageModelConfig,
  type LanguageModelState,
  type TextBatch,
} from "./models/language-model.js";
export { Seq2Seq, Seq2SeqConfig, type Seq2SeqShape } from "./models/seq2seq.js";
export {
  type EncodedPairs,
  type PackedRows,
  type PairBatch,
  packPairs,
  packRows,
  Sequences,
  SequenceWriter,
  type Sources,
} from "./models/sources.js";
export { BytePair } from "./text/byte-pair.js";
export { Characters } from "./text/characters.js";
export {
  EosSource,
  EosTarget,
  FixedSource,
  FixedTarget,
  type PairCodec,
  type SourceCodec,
  type TargetCodec,
  type TextSource,
} from "./text/codec.js";
export { cutText } from "./text/cut-text.js";
export { HuggingFace, type HuggingFaceLibrary, provideHuggingFace } from "./text/hugging-face.js";
export {
  type Tokenizer,
  TokenizerJSON,
  type TokenizerKind,
  TokenizerOptions,
  tokenizerFromJSON,
  tokenizerKinds,
  trainTokenizer,
} from "./text/tokenizer.js";
export { splitWords, Words, type WordsOptions } from "./text/words.js";

// Files and report pages

export { type BookModel, importBook } from "./files/book.js";
export { importBookSeq2Seq } from "./files/book-seq2seq.js";
export { type Matrix, type NamedArray, type WeightForm, weightForms } from "./files/dtypes.js";
export { loadArrays, type ModelFile, writeModel } from "./files/model-file.js";
export { readNpy } from "./files/npy.js";
export { type PickleValue, readPickle } from "./files/pickle.js";
export { readSafetensors, type Safetensors, writeSafetensors } from "./files/safetensors.js";
export { readWav, type Sound } from "./files/wav.js";
export { bitmapUri } from "./report/bitmap.js";
export type { Grid, GridCell } from "./report/grid.js";
export { type Chart, type ChartLine, type Fact, type PlotSource, type Report, renderReport } from "./report/report.js";

// Training runs, checkpoints, evaluation

export { type AnsweredPair, answerPairs } from "./run/answer-pairs.js";
export { type BatchSource, PairBatches, StreamBatches } from "./run/batches.js";
export { captionRun } from "./run/caption-run.js";
export {
  type Answer,
  evaluatePairs,
  type GroupScores,
  measuresFor,
  type PairEvaluation,
  pairMeasures,
  type ScoreGrid,
  scoreGrid,
  scorePairs,
} from "./run/evaluate.js";
export { type AnswerSettings, type PairEvent, type PairResult, PairRun, seq2seqRun } from "./run/pair-run.js";
export { evaluateText, type TextEvaluation } from "./run/perplexity.js";
export { History, Run, type RunEvent, type RunOptions, type SavedEvent, type TrainTargets } from "./run/run.js";
export { memoryStorage, type RunFiles, type Storage } from "./run/storage.js";
export { TextBatches } from "./run/text-batches.js";
export { type TextEvent, type TextResult, TextRun, type TrainingText } from "./run/text-run.js";
export {
  DivergedError,
  type EvaluationReport,
  type Progress,
  type StepReport,
  type Trainable,
  Trainer,
  type TrainOptions,
  type TrainReport,
} from "./run/trainer.js";

// Tasks: pairs of texts

export { AdditionOptions, addition } from "./tasks/pairs/addition.js";
export type { CurriculumName, ExerciseName } from "./tasks/pairs/datasets.js";
export { DatesOptions, dates } from "./tasks/pairs/dates.js";
export { readFixedPairs, type Shuffle, splitPairs } from "./tasks/pairs/fixed-data.js";
export { openPairs, PairScan, type PairSource } from "./tasks/pairs/pair-files.js";
export {
  type PairColumns,
  type PairFormatName,
  type PairReading,
  pairFormatNames,
  readPairs,
} from "./tasks/pairs/pair-formats.js";
export {
  comparedModels,
  PairOptions,
  type PairSettings,
  pairPresets,
  pairSettings,
} from "./tasks/pairs/pair-options.js";
export {
  encodePairs,
  encodeSplits,
  findOverlap,
  hashSource,
  longestOf,
  type Pair,
  type PairData,
  PairEncoder,
  type PairGrid,
  type PairSet,
  type PairShares,
  type PairStream,
  type SplitName,
  splitNames,
  splitOf,
  type TextPairs,
  usualShares,
} from "./tasks/pairs/pairs.js";
export { badRows, describeSkipped, type PairRow, readParallelPairs, type Skipped } from "./tasks/pairs/rows.js";
export { type Suggestion, suggestSettings } from "./tasks/pairs/suggest.js";
export {
  EosPairs,
  FixedPairs,
  isTextCodec,
  type TextCodec,
  type Tokenizers,
  textCodecFromJSON,
  trainTokenizers,
} from "./tasks/pairs/text-codec.js";

// Tasks: texts, captions, sounds, exercises, and what they share

export { CaptionPairs, gridOf, PictureSource } from "./tasks/captions/caption-codec.js";
export {
  CaptionOptions,
  type CaptionSettings,
  captionPresets,
  captionSettings,
} from "./tasks/captions/caption-options.js";
export {
  imageNet,
  PictureFormat,
  type PictureKind,
  type PictureSides,
  type PixelWriter,
  pictureKind,
  pixelWriter,
} from "./tasks/captions/picture-format.js";
export {
  type Features,
  type NetworkOptions,
  type OnnxRuntime,
  type OnnxSession,
  type OnnxTensor,
  PictureNetwork,
  provideOnnx,
} from "./tasks/captions/picture-network.js";
export { type Picture, Pictures } from "./tasks/captions/pictures.js";
export {
  captionsOf,
  isTrue,
  nameShape,
  paintScene,
  type RGB,
  type Scene,
  type Shape,
} from "./tasks/captions/shape-scenes.js";
export { type CaptionedScene, type Shapes, ShapesOptions, shapes } from "./tasks/captions/shapes.js";
export { type Cell, curricula, type Difficulty, type Exercise, type ExerciseKind } from "./tasks/exercises/exercise.js";
export { type ExerciseOptions, exerciseData } from "./tasks/exercises/exercise-data.js";
export { exercises } from "./tasks/exercises/exercises.js";
export { candidates, type DataFile, type Files, type FrameKind, findFile, MemoryFiles } from "./tasks/files.js";
export {
  readModel,
  restoreModel,
  type SavedAnswering,
  type SavedLanguageModel,
  type SavedModel,
  type SavedSeq2Seq,
} from "./tasks/model-kinds.js";
export { type OpenOptions, openTask } from "./tasks/open-task.js";
export { FramePairs, FrameSource } from "./tasks/sounds/frame-codec.js";
export { FrameFormat, Frames } from "./tasks/sounds/frames.js";
export type {
  DataStore,
  Notice,
  OnNotice,
  Ports,
  Speech,
  Task,
  TaskOptions,
  Utterance,
} from "./tasks/task.js";
export { MemoryText, type TextData, type TokenText } from "./tasks/texts/text.js";
export { TextOptions, type TextSettings, textPresets, textSettings } from "./tasks/texts/text-options.js";
