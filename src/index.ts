export {
  type Backend,
  type BackendName,
  type BackendOptions,
  backendNames,
  type Precision,
  precisions,
} from "./backend/backend.js";
export { openReference } from "./backend/reference.js";
export { openWasm, type WasmOptions } from "./backend/wasm.js";
export { runThread, type StartedThread, type WasmThread } from "./backend/wasm-thread.js";
export { checkOptions } from "./check-options.js";
export { AdditionOptions, addition } from "./data/addition.js";
export { type CurriculumName, curricula } from "./data/curricula.js";
export { cutText } from "./data/cut-text.js";
export { DatesOptions, dates } from "./data/dates.js";
export type { Cell, Difficulty, Exercise, ExerciseKind } from "./data/exercise.js";
export { type ExerciseOptions, exerciseData } from "./data/exercise-data.js";
export { type ExerciseName, exercises } from "./data/exercises.js";
export { FrameFormat } from "./data/frame-format.js";
export { Frames } from "./data/frames.js";
export type { Matrix } from "./data/matrix.js";
export { type OnnxRuntime, type OnnxSession, type OnnxTensor, provideOnnx } from "./data/onnx-runtime.js";
export { packPairs, packRows } from "./data/pack.js";
export { paintScene } from "./data/paint-scene.js";
export { encodeTextPairs, makeTextPairData, type TextPairs, type Tokenizers } from "./data/pair-data.js";
export {
  type PairColumns,
  type PairFormatName,
  pairFormatNames,
  type TextPair,
} from "./data/pair-formats.js";
export {
  describeSkipped,
  type PairReading,
  type PairRow,
  readPairs,
  readParallelPairs,
  type Skipped,
} from "./data/pair-reader.js";
export { PairScan } from "./data/pair-scan.js";
export { findOverlap, type PairPart, type PairShares, partOf, placeOf, usualShares } from "./data/pair-split.js";
export {
  encodePairs,
  type Pair,
  type PairData,
  type PairGrid,
  type PairSet,
  type PairStream,
  parsePairs,
  type Split,
  splitPairs,
} from "./data/pairs.js";
export { imageNet, PictureFormat, type PixelWriter, pixelWriter } from "./data/picture-format.js";
export { type PictureKind, pictureKind } from "./data/picture-kind.js";
export { type Features, type NetworkOptions, PictureNetwork } from "./data/picture-network.js";
export { type Picture, Pictures } from "./data/pictures.js";
export { badRows } from "./data/rows.js";
export { Sequences, SequenceWriter } from "./data/sequences.js";
export { captionsOf, isTrue } from "./data/shape-captions.js";
export { nameShape, type RGB, type Scene, type Shape } from "./data/shape-scenes.js";
export { type CaptionedScene, type Shapes, ShapesOptions, shapes } from "./data/shapes.js";
export type { PackedRows, Sources } from "./data/sources.js";
export { MemoryText, TextBatches, type TextData, type TokenText } from "./data/text.js";
export type { Answered, AnswerOptions } from "./decode/answer.js";
export { DecodeOptions } from "./decode/decode-options.js";
export { EncodedSources } from "./decode/encoded-sources.js";
export { forcedScores, forcedSetScores } from "./decode/forced-scores.js";
export { type GenerateOptions, generate, generateIds } from "./decode/generate.js";
export { type GreedyAnswer, type GreedyOptions, greedy } from "./decode/greedy.js";
export { type AttentionMap, type NamedSources, type Prediction, predict, predictSources } from "./decode/predict.js";
export { Sampler, SamplerOptions } from "./decode/sampler.js";
export { search } from "./decode/search.js";
export type { SearchOptions } from "./decode/search-options.js";
export type { Hypothesis } from "./decode/source-search.js";
export type { StepModel } from "./decode/step-model.js";
export { type Place, WordList } from "./decode/word-list.js";
export { DataError, OptionError, SeqloomError, ShapeError } from "./errors.js";
export { type BookModel, importBook } from "./files/book.js";
export { importBookSeq2Seq } from "./files/book-seq2seq.js";
export { type WeightForm, weightForms } from "./files/dtypes.js";
export {
  loadArrays,
  type ModelFile,
  readModel,
  restoreModel,
  type SavedAnswering,
  type SavedLanguageModel,
  type SavedModel,
  type SavedSeq2Seq,
  writeModel,
} from "./files/model-file.js";
export { readNpy } from "./files/npy.js";
export { type PickleValue, readPickle } from "./files/pickle.js";
export { type NamedArray, readSafetensors, type Safetensors, writeSafetensors } from "./files/safetensors.js";
export { readWav, type Sound } from "./files/wav.js";
export { Attention, type Scoring, scorings } from "./layers/attention.js";
export { AttentionMemory } from "./layers/attention-memory.js";
export { Bidirectional } from "./layers/bidirectional.js";
export { type CellName, cells } from "./layers/cells.js";
export { Conv2d, type Conv2dSizes } from "./layers/conv2d.js";
export { CrossEntropy } from "./layers/cross-entropy.js";
export { Dropout, type Phase } from "./layers/dropout.js";
export { Embedding } from "./layers/embedding.js";
export { GRU } from "./layers/gru.js";
export { type InitializerName, initialize, initializers } from "./layers/initialize.js";
export type { Layer, Lookup, Sequence } from "./layers/layer.js";
export { Linear } from "./layers/linear.js";
export { LSTM } from "./layers/lstm.js";
export { MaxPool } from "./layers/max-pool.js";
export { Positions } from "./layers/positions.js";
export { Pyramid } from "./layers/pyramid.js";
export { Recurrent, type RecurrentOptions, type RecurrentState } from "./layers/recurrent.js";
export { ReLU } from "./layers/relu.js";
export { RNN } from "./layers/rnn.js";
export { Tanh } from "./layers/tanh.js";
export { TokenHead, type TokenHeadInput } from "./layers/token-head.js";
export { exactMatch, tokenAccuracy } from "./metrics/accuracy.js";
export { Bleu, BleuOptions, type BleuParts, type BleuScore, corpusBleu, sentenceBleu } from "./metrics/bleu.js";
export { bootstrap, type Interval } from "./metrics/bootstrap.js";
export { Chrf, ChrfOptions, type ChrfScore, corpusChrf, sentenceChrf } from "./metrics/chrf.js";
export { editDistance, type Tokens } from "./metrics/edit-distance.js";
export { errorRate } from "./metrics/error-rate.js";
export { type Measure, scoreCorpus } from "./metrics/measure.js";
export { type MeasureName, measures, type Sentence } from "./metrics/measures.js";
export { Captioner, type CaptionerShape } from "./models/captioner.js";
export { CaptionerConfig } from "./models/captioner-config.js";
export type { PictureSize } from "./models/convolutions.js";
export { Decoder, type DecoderBatch, type DecoderOptions, type Shared } from "./models/decoder.js";
export { type DropoutOptions, type Encoded, Encoder, type Sizes } from "./models/encoder.js";
export {
  type DecoderTraining,
  EncoderDecoder,
  type PairBatch,
  type SourceEncoder,
} from "./models/encoder-decoder.js";
export { type CarriedState, LanguageModel, LanguageModelConfig, type TextBatch } from "./models/language-model.js";
export { Seq2Seq, Seq2SeqConfig, type Seq2SeqShape } from "./models/seq2seq.js";
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
} from "./optim/optimizer.js";
export { Random } from "./random.js";
export { bitmapUri } from "./report/bitmap.js";
export type { Grid, GridCell } from "./report/grid.js";
export { type Chart, type ChartLine, type Fact, type PlotSource, type Report, renderReport } from "./report/report.js";
export { Ints, type Param, Tensor } from "./tensor.js";
export { BytePair } from "./text/byte-pair.js";
export { Characters } from "./text/characters.js";
export { FixedPairs } from "./text/fixed-pairs.js";
export { FrameTargets } from "./text/frame-targets.js";
export { HuggingFace, type HuggingFaceLibrary, provideHuggingFace } from "./text/hugging-face.js";
export { MarkedPairs } from "./text/marked-pairs.js";
export { type PairTokenizer, pairTokenizerFromJSON } from "./text/pair-tokenizer.js";
export { gridOf, PictureTargets } from "./text/picture-targets.js";
export { MarkedTargets, type Targets } from "./text/targets.js";
export { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "./text/tokenizer.js";
export { type TokenizerKind, TokenizerOptions, tokenizerKinds, trainTokenizer } from "./text/train-tokenizer.js";
export type { WordsOptions } from "./text/words.js";
export { splitWords, Words } from "./text/words.js";
export { type AnsweredPair, answerPairs } from "./train/answer-pairs.js";
export { type BatchSource, PairBatches } from "./train/batches.js";
export { CaptionOptions, type CaptionSettings, captionPresets, captionSettings } from "./train/caption-options.js";
export { comparedModels } from "./train/compared-models.js";
export { type Answer, evaluatePairs, type PairEvaluation } from "./train/evaluate.js";
export { type GroupScores, type ScoreGrid, scoreGrid } from "./train/pair-grid.js";
export { measuresFor, pairMeasures, scorePairs } from "./train/pair-measures.js";
export { PairOptions, type PairSettings, pairSettings } from "./train/pair-options.js";
export { pairPresets } from "./train/pair-presets.js";
export { trainTokenizers } from "./train/pair-tokenizers.js";
export { evaluateText, type TextEvaluation } from "./train/perplexity.js";
export { StreamBatches } from "./train/stream-batches.js";
export { type Suggestion, suggestSettings } from "./train/suggest.js";
export { TextOptions, type TextSettings, textPresets, textSettings } from "./train/text-options.js";
export {
  DivergedError,
  type EvaluationReport,
  type Progress,
  type StepReport,
  type Trainable,
  Trainer,
  type TrainOptions,
  type TrainReport,
} from "./train/trainer.js";
