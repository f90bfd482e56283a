/** What an error of the file system means to people, with what to do where that is not plain. */
export function explainError(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it; tcpdump writes as root: sudo chown it, or copy it';
    case 'EISDIR':
      return 'a folder where a file was expected';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open on this machine';
    case 'ELOOP':
      return 'a symbolic link that leads in a circle';
    case 'EIO':
      return 'the disk or network drive could not read it';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
