// What is told of inputs on standard error: each complaint once, however often it is found again.

export class Complaints {
  private readonly told = new Set<string>();

  /** Of inputs without an error nothing is told. */
  tell(inputs: readonly { readonly file: string; readonly error: string | null }[]): void {
    for (const { file, error } of inputs) {
      const complaint = `snatscope: ${file}: ${error}\n`;
      if (error === null || this.told.has(complaint)) continue;
      this.told.add(complaint);
      process.stderr.write(complaint);
    }
  }
}
