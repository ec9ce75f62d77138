/** Holds the imports of src/ and training/ against the table in docs/architecture.md. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/package-root.js';

/** Folder → folders it may import. Type-only imports count. */
const domain = ['taxonomy', 'decision', 'text', 'features', 'classifier'];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  // Rows of CSV, XLSX and JSON-lines files; everybody who reads files may use it.
  table: [],
  taxonomy: ['table'],
  decision: ['taxonomy'],
  text: [],
  features: ['text'],
  classifier: ['features', 'taxonomy'],
  'model-store': ['taxonomy', 'decision', 'text', 'features', 'classifier'],
  suggest: [...domain, 'model-store'],
  store: ['taxonomy', 'decision', 'text'],
  relabel: ['table', ...domain, 'model-store', 'suggest', 'store'],
  server: [...domain, 'model-store', 'suggest', 'store', 'relabel'],
  // The page knows the server by the types of its API only.
  web: ['server'],
  cli: ['table', ...domain, 'model-store', 'suggest', 'store', 'relabel', 'server', 'training'],
  training: ['table', ...domain, 'model-store', 'suggest', 'store'],
};
/** May be imported anywhere. */
const shared = ['src/errors.ts', 'src/json-file.ts', 'src/log.ts', 'src/package-root.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(name) && !name.endsWith('.d.ts') ? [path] : [];
  });
}

/** Static and dynamic imports and re-exports of a file; those of packages are left out. */
function importsOf(path: string): Import[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    let specifier: ts.Expression | undefined;
    let typeOnly = false;
    if (ts.isImportDeclaration(node)) {
      specifier = node.moduleSpecifier;
      typeOnly = node.importClause?.isTypeOnly ?? false;
    } else if (ts.isExportDeclaration(node)) {
      specifier = node.moduleSpecifier;
      typeOnly = node.isTypeOnly;
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      specifier = node.arguments[0];
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      specifier = node.argument.literal as ts.Expression;
      typeOnly = true;
    }
    if (specifier && ts.isStringLiteral(specifier) && specifier.text.startsWith('.')) {
      const target = resolve(dirname(path), specifier.text);
      found.push({ from: name(path), to: name(toSource(target)), typeOnly });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function toSource(target: string): string {
  for (const candidate of [target.replace(/\.js$/, '.ts'), target.replace(/\.js$/, '.tsx'), target]) {
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
  }
  return target;
}

const name = (path: string) => relative(packageRoot, path).split(sep).join('/');

/** `src/taxonomy/item.ts` → `taxonomy`; `training/fit.ts` → `training`; `src/log.ts` → ''. */
function folderOf(file: string): string {
  const parts = file.split('/');
  if (parts[0] === 'training') return 'training';
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

const files = [...sourceFiles(join(packageRoot, 'src')), ...sourceFiles(join(packageRoot, 'training'))];
const imports = files.flatMap(importsOf);

describe('the architecture', () => {
  it('keeps every import within the table', () => {
    const offences = imports
      .filter(({ from, to, typeOnly }) => {
        if (!/\.tsx?$/.test(to) || shared.includes(to)) return false;
        const [source, target] = [folderOf(from), folderOf(to)];
        if (source === target) return false;
        if (source === 'web' && target === 'server') return !typeOnly;
        return !mayImport[source]?.includes(target);
      })
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(offences).toEqual([]);
  });

  it('has no cycles, type-only imports included', () => {
    const edges = new Map<string, string[]>();
    for (const { from, to } of imports) edges.set(from, [...(edges.get(from) ?? []), to]);
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const walk = (file: string, trail: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const next of edges.get(file) ?? []) walk(next, [...trail, file]);
      state.set(file, 'done');
    };
    for (const file of files.map(name)) walk(file, []);
    expect(cycles).toEqual([]);
  });

  it('knows every folder and has no utils', () => {
    const folders = readdirSync(join(packageRoot, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(folders.filter((folder) => !(folder in mayImport))).toEqual([]);
    expect(files.map(name).filter((file) => /\/(utils?|helpers?|misc|common)(\/|\.ts)/.test(file))).toEqual(
      [],
    );
  });

  it('reads the environment and exits in the CLI only', () => {
    const offenders = files
      .map((file) => ({ file: name(file), text: readFileSync(file, 'utf8') }))
      .filter(({ file, text }) => !file.startsWith('src/cli/') && /process\.(env\b|exit\()/.test(text))
      .map(({ file }) => file);
    expect(offenders).toEqual([]);
  });

  it('names files in kebab-case', () => {
    const odd = files
      .map(name)
      .filter((file) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(file.split('/').at(-1) ?? ''));
    expect(odd).toEqual([]);
  });
});
