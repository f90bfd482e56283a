// What went wrong, or was odd, while a capture was read. Bad bytes are data here, never exceptions: an issue is recorded
// and reading goes on as far as it can.

/** A stable code of an issue; scripts may depend on it. */
export type IssueCode =
  | 'empty-file'
  | 'not-a-capture'
  | 'truncated-tail'
  | 'corrupt-length'
  | 'resynchronised'
  | 'truncated-compression'
  | 'corrupt-compression'
  | 'expansion-limit'
  | 'not-followed'
  | 'bad-block'
  | 'unknown-interface'
  | 'too-many-interfaces'
  | 'unsupported-version'
  | 'undecoded-link-type'
  | 'truncated-packet'
  | 'bad-header'
  | 'no-timestamp'
  | 'impossible-time'
  | 'dropped-by-capture';

export interface Issue {
  readonly code: IssueCode;
  /** What, where and what to do, for people. */
  readonly message: string;
  /** Byte offset in the file, where one place can be named. */
  readonly offset: number | null;
}

/** Issues of one code, counted; `first` keeps the earliest for display. */
export interface IssueCount {
  readonly code: IssueCode;
  count: number;
  readonly first: Issue;
}

/** Collects issues without growing with them: one entry a code. */
export class IssueLog {
  private readonly byCode = new Map<IssueCode, IssueCount>();

  add(code: IssueCode, message: string, offset: number | null = null, count = 1): void {
    const seen = this.byCode.get(code);
    if (seen) seen.count += count;
    else this.byCode.set(code, { code, count, first: { code, message, offset } });
  }

  /** As it is now; later issues do not change what was listed. */
  list(): IssueCount[] {
    return Array.from(this.byCode.values(), (issue) => ({ ...issue }));
  }
}
