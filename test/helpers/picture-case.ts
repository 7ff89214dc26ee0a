import type { Desk } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";

export interface PictureSizes {
  readonly N: number;
  readonly Y: number;
  readonly X: number;
  readonly C: number;
  readonly O: number;
  readonly K: number;
}

export const pictureSizes = (N: number, Y: number, X: number, C: number, O: number, K: number): PictureSizes => ({
  ...{ N, Y, X, C, O, K },
});

export const nameOf = ({ N, Y, X, C, O, K }: PictureSizes): string => `N ${N}, Y ${Y}, X ${X}, C ${C}, O ${O}, K ${K}`;

/** Draws what a kernel reads, or what it adds to. */
type Draw = (shape: number[]) => ReturnType<Desk["tensor"]>;

export function runConv2dForward(
  desk: Desk,
  sizes: PictureSizes,
  draw: Draw = (shape) => desk.uniform(shape),
): Results {
  const { N, Y, X, C, O, K } = sizes;
  const ys = desk.poison([N, Y, X, O]);
  const reads = { xs: draw([N, Y, X, C]), weight: draw([O, C, K, K]), bias: draw([O]) };
  desk.call([ys], () => desk.backend.kernels.conv2dForward({ ys }, reads, sizes));
  return copies({ ys });
}

/** @param wantsInput whether the gradient of the pictures is asked for */
export function runConv2dBackward(
  desk: Desk,
  sizes: PictureSizes,
  wantsInput = true,
  draw: Draw = (shape) => desk.uniform(shape),
  gradient = draw,
): Results {
  const { N, Y, X, C, O, K } = sizes;
  const reads = { dys: draw([N, Y, X, O]), xs: draw([N, Y, X, C]), weight: draw([O, C, K, K]) };
  const writes = {
    ...{ dxs: wantsInput ? desk.poison([N, Y, X, C]) : undefined },
    ...{ dweight: gradient([O, C, K, K]), dbias: gradient([O]) },
  };
  desk.call(Object.values(writes), () => desk.backend.kernels.conv2dBackward(writes, reads, sizes));
  return copies(writes);
}

export type PoolSizes = readonly [N: number, Y: number, X: number, C: number];

export function runMaxPool(desk: Desk, [N, Y, X, C]: PoolSizes, draw: Draw = (shape) => desk.uniform(shape)): Results {
  const { kernels } = desk.backend;
  const pooled = [N, Math.floor(Y / 2), Math.floor(X / 2), C];
  const [xs, dys, ys, dxs] = [draw([N, Y, X, C]), draw(pooled), desk.poison(pooled), desk.poison([N, Y, X, C])];
  desk.call([ys], () => kernels.maxPoolForward({ ys }, { xs }, { N, Y, X, C }));
  desk.call([dxs], () => kernels.maxPoolBackward({ dxs }, { dys, xs }, { N, Y, X, C }));
  return copies({ ys, dxs });
}
