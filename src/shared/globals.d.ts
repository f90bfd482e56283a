// Named in the contract for the window's sake; the window's project has the DOM's own.
interface File {
  readonly name: string;
}
