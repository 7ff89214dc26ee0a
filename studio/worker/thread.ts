import { runThread, type WasmThread } from "seqloom";

addEventListener("message", ({ data }: MessageEvent<WasmThread>) => {
  void runThread(data, () => postMessage("ready"));
});
