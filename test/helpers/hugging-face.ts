import { requireHuggingFace } from "../../src/node/data-files.js";

/** The package @huggingface/tokenizers, where it is installed. */
export const huggingFace = requireHuggingFace();

/** For `test.skipIf`: true where the package is missing, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutHuggingFace = huggingFace === undefined && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";
