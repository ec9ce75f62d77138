/** The list as SKOS (https://www.w3.org/TR/skos-reference/) in JSON-LD, and back. */
import type { ItemRow } from './item.js';
import { differsFromForm } from './snapshot.js';
import type { CodeScheme, Taxonomy, TaxonomyMeta } from './taxonomy.js';

const CONTEXT = {
  skos: 'http://www.w3.org/2004/02/skos/core#',
  dct: 'http://purl.org/dc/terms/',
  owl: 'http://www.w3.org/2002/07/owl#',
  duihao: 'urn:duihao:terms:',
} as const;

type Node = Record<string, unknown>;

const textZh = (text: string) => ({ '@value': text, '@language': 'zh' });

export function taxonomyToSkos(taxonomy: Taxonomy): Node {
  const schemeId = `urn:duihao:${encodeURIComponent(taxonomy.meta.id)}`;
  const iri = (id: string) => ({ '@id': `${schemeId}:${encodeURIComponent(id)}` });
  const concepts = taxonomy.items.map((item): Node => {
    const parent = taxonomy.parentOf(item);
    return {
      ...iri(item.id),
      '@type': 'skos:Concept',
      'skos:inScheme': { '@id': schemeId },
      'skos:notation': item.code,
      'skos:prefLabel': textZh(item.displayName),
      ...(item.words.length > 0 ? { 'skos:altLabel': item.words.map(textZh) } : {}),
      ...(parent ? { 'skos:broader': iri(parent.id) } : { 'skos:topConceptOf': { '@id': schemeId } }),
      // An undivided row has no name of its own, but SKOS wants a label.
      ...(item.name === item.displayName ? {} : { 'duihao:printedName': item.name }),
      ...(item.retired ? { 'owl:deprecated': true } : {}),
      ...(item.successors.length > 0 ? { 'dct:isReplacedBy': item.successors.map(iri) } : {}),
      ...(differsFromForm(taxonomy, item) ? { 'duihao:catchAll': item.isCatchAll } : {}),
      ...(item.owner === '' ? {} : { 'duihao:owner': item.owner }),
    };
  });
  return {
    '@context': CONTEXT,
    '@graph': [
      {
        '@id': schemeId,
        '@type': 'skos:ConceptScheme',
        'dct:identifier': taxonomy.meta.id,
        'dct:title': textZh(taxonomy.meta.title),
        'owl:versionInfo': taxonomy.meta.version,
        'duihao:codeScheme': taxonomy.scheme,
      },
      ...concepts,
    ],
  };
}

export function isSkos(json: unknown): json is { '@graph': Node[] } {
  return typeof json === 'object' && json !== null && Array.isArray((json as Node)['@graph']);
}

/** Reads what `taxonomyToSkos` writes; other producers' files work where they use the same properties. */
export function skosRows(json: { '@graph': Node[] }): {
  meta: Partial<TaxonomyMeta>;
  scheme: CodeScheme | undefined;
  rows: ItemRow[];
} {
  const graph = json['@graph'];
  const about = graph.find((node) => hasType(node, 'skos:ConceptScheme')) ?? {};
  const base = typeof about['@id'] === 'string' ? `${about['@id']}:` : '';
  const idOf = (node: unknown): string => {
    const iri = (node as Node | undefined)?.['@id'];
    return typeof iri === 'string' && iri.startsWith(base) ? decodeURIComponent(iri.slice(base.length)) : '';
  };
  const rows = graph
    .filter((node) => hasType(node, 'skos:Concept'))
    .map((node, index): ItemRow => {
      const printed = node['duihao:printedName'];
      const catchAll = node['duihao:catchAll'];
      return {
        code: textOf(node['skos:notation']) || textOf(node['skos:prefLabel']),
        name: typeof printed === 'string' ? printed : textOf(node['skos:prefLabel']),
        parentCode: node['skos:broader'] === undefined ? null : `@${idOf(node['skos:broader'])}`,
        words: listOf(node['skos:altLabel']).map(textOf),
        retired: node['owl:deprecated'] === true,
        successors: listOf(node['dct:isReplacedBy']).map((one) => `@${idOf(one)}`),
        ...(typeof catchAll === 'boolean' ? { catchAll } : {}),
        owner: textOf(node['duihao:owner']),
        row: index + 1,
      };
    });
  const codeScheme = about['duihao:codeScheme'];
  return {
    meta: {
      ...some('id', textOf(about['dct:identifier'])),
      ...some('title', textOf(about['dct:title'])),
      ...some('version', textOf(about['owl:versionInfo'])),
    },
    scheme: codeScheme === 'db44' || codeScheme === 'free' ? codeScheme : undefined,
    rows,
  };
}

const some = (key: keyof TaxonomyMeta, value: string) => (value === '' ? {} : { [key]: value });

function hasType(node: Node, type: string): boolean {
  return listOf(node['@type']).includes(type);
}

function listOf(value: unknown): unknown[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const text = (value as Node | undefined)?.['@value'];
  return typeof text === 'string' ? text : '';
}
