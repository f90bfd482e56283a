// zstd by the package fzstd (Node has its own from 22.15 on).
import { Decompress } from 'fzstd';
import { type TakeBytes, ZstdFrames } from '../core/session.ts';

export function zstdDecoder(take: TakeBytes): ZstdFrames {
  return new ZstdFrames((hand) => {
    const frame = new Decompress(hand);
    return {
      push(bytes, last) {
        // fzstd keeps what it is given until a block is complete.
        frame.push(bytes.slice(), last);
      },
    };
  }, take);
}
