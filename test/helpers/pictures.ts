import { createRequire } from "node:module";
import { requireOnnx } from "../../src/node/packages.js";
import { provideOnnx } from "../../src/tasks/captions/picture-network.js";

const isRequired = process.env["SEQLOOM_REQUIRE_ALL"] === "1";
const require = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** For `test.skipIf`: true where a package is missing, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutSharp = !isInstalled("sharp") && !isRequired;
export const skipWithoutOnnx = !isInstalled("onnxruntime-node") && !isRequired;

provideOnnx(requireOnnx);

/** A file of pixels, (height, width, channels) bytes. */
export async function pngOf(pixels: Uint8Array, size: { height: number; width: number }): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const channels = pixels.length === 3 * size.height * size.width ? 3 : 4;
  return sharp(pixels, { raw: { ...size, channels } })
    .png()
    .toBuffer();
}

/** A square of pixels as a photo, half wider than high, that its camera says to turn by a quarter. */
export async function photoOf(pixels: Uint8Array, side: number): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  const picture = sharp(pixels, { raw: { height: side, width: side, channels: 3 } });
  return picture
    .resize(side, Math.round((2 * side) / 3), { fit: "fill" })
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
}
