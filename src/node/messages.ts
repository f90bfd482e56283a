// What the threads say to each other: host <-> session worker <-> reader workers.
import type { SessionOptions } from '../core/session.ts';
import type { Progress } from '../shared/contract.ts';
import type { InputOptions } from './inputs.ts';
import type { ReadResult } from './read-capture.ts';

/** `number` is the capture's; `read-on` is for those that are followed. */
export type ToReader =
  | {
      readonly type: 'read';
      readonly number: number;
      readonly path: string;
      readonly maxExpansion: number;
      readonly follow: boolean;
    }
  | { readonly type: 'read-on'; readonly number: number };

export type FromReader =
  | { readonly type: 'progress'; readonly number: number; readonly bytes: number; readonly packets: number }
  /** `result` null: nothing has arrived. `isOver`: nothing more can. */
  | { readonly type: 'read'; readonly number: number; readonly result: ReadResult | null; readonly isOver: boolean };

/** What a session is opened from. */
export interface OpenRequest {
  readonly paths: readonly string[];
  readonly inputs: InputOptions;
  readonly options: SessionOptions;
  /** The captures are going to be read on. */
  readonly follow: boolean;
}

/** `call` is a number that the answer repeats. */
export type ToSession =
  | { readonly type: 'open'; readonly call: number; readonly request: OpenRequest }
  | { readonly type: 'read-on'; readonly call: number }
  | { readonly type: 'ask'; readonly call: number; readonly method: string; readonly args: readonly unknown[] };

export type FromSession =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
