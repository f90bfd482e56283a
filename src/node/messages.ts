// What the threads say to each other: host <-> session worker <-> reader workers.
import type { SessionOptions } from '../core/session.ts';
import type { Progress } from '../shared/contract.ts';
import type { InputOptions } from './inputs.ts';
import type { ReadResult } from './read-capture.ts';

export interface ToReader {
  readonly number: number;
  readonly path: string;
  readonly maxExpansion: number;
}

export type FromReader =
  | { readonly type: 'progress'; readonly number: number; readonly bytes: number; readonly packets: number }
  | { readonly type: 'read'; readonly number: number; readonly result: ReadResult };

/** What a session is opened from. */
export interface OpenRequest {
  readonly paths: readonly string[];
  readonly inputs: InputOptions;
  readonly options: SessionOptions;
}

/** `call` is a number that the answer repeats. */
export type ToSession =
  | { readonly type: 'open'; readonly call: number; readonly request: OpenRequest }
  | { readonly type: 'ask'; readonly call: number; readonly method: string; readonly args: readonly unknown[] };

export type FromSession =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'answer'; readonly call: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
