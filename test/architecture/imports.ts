// Which layer may import which: the rule of docs/ARCHITECTURE.md as a function of one file's text.
import path from 'node:path';
import ts from 'typescript';

/** Core's folders; each may use those of a lower rank, and itself. */
const CORE_RANKS: readonly (readonly string[])[] = [
  ['bytes'],
  ['formats'],
  ['decode'],
  ['flows'],
  ['sources'],
  ['correlate'],
  ['diagnose', 'compare', 'filter'],
  ['scene'],
  ['report'],
  ['session.ts'],
];

/** The report's words: they import nothing but each other, so that every layer may name them by type. */
const VOCABULARY = new Set(['core/report/model.ts', 'core/report/views.ts']);

/** Packages that a layer may import, beside what the rule below says about layers. */
const PACKAGES: Readonly<Record<string, (name: string) => boolean>> = {
  core: () => false,
  shared: () => false,
  node: (name) => name !== 'electron',
  cli: (name) => name !== 'electron',
  main: (name) => name === 'electron' || name.startsWith('node:'),
  preload: (name) => name === 'electron',
  renderer: (name) => name !== 'electron' && !name.startsWith('node:'),
};

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

/** The breaches of one file, each as a sentence. `file` is relative to src, with forward slashes. */
export function breachesOf(file: string, text: string): string[] {
  return importsOf(file, text).flatMap(({ from, typeOnly }) => {
    if (!from.startsWith('.')) {
      const allowed = PACKAGES[layerOf(file)]?.(from) ?? false;
      return allowed ? [] : [`${file} imports the package ${from}, which ${layerOf(file)} may not.`];
    }
    const target = path.posix.join(path.posix.dirname(file), from);
    return mayImport(file, target, typeOnly) ? [] : [`${file} imports ${target}${typeOnly ? ' (types)' : ''}.`];
  });
}

function mayImport(file: string, target: string, typeOnly: boolean): boolean {
  const [from, to] = [layerOf(file), layerOf(target)];
  if (from === 'core' && to === 'core') {
    return (
      coreFolder(file) === coreFolder(target) ||
      coreRank(target) < coreRank(file) ||
      (typeOnly && VOCABULARY.has(target))
    );
  }
  if (from === to) return true;
  switch (from) {
    case 'node':
      return to === 'core' || to === 'shared';
    case 'main':
    case 'cli':
      if (to === 'core') return typeOnly || target === 'core/session.ts' || VOCABULARY.has(target);
      return to === 'node' || to === 'shared';
    case 'shared':
      return to === 'core' && typeOnly;
    case 'preload':
    case 'renderer':
      return to === 'shared';
    default:
      return false;
  }
}

function layerOf(file: string): string {
  return file.split('/')[0]!;
}

function coreFolder(file: string): string {
  return file.split('/')[1]!;
}

/** A folder that the rule does not know may be used by nothing. */
function coreRank(file: string): number {
  const rank = CORE_RANKS.findIndex((folders) => folders.includes(coreFolder(file)));
  return rank === -1 ? Infinity : rank;
}

/** Imports and re-exports, types named by `import('…')`, dynamic imports, and the files of workers. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const note = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push({ from: specifier.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      note(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) note(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) note(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      note(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ES2023));
  return found;
}
