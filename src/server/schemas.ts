/**
 * What goes in and out of the API. These schemas validate requests, generate /openapi.json and give the
 * page its types. Objects are strict: an unknown field is an error, not a silent loss.
 */
import { z } from 'zod';

export const limits = {
  tickets: 256,
  textLength: 20_000,
  titleLength: 500,
  idLength: 200,
  candidates: 20,
  defaultCandidates: 5,
  filterCodes: 64,
  facets: 16,
  queryLength: 100,
  items: 100,
  /** 256 tickets of 20,000 characters at three bytes, and room for ids and titles. */
  bodyBytes: 16 * 1024 * 1024,
} as const;

const level = z.number().int().min(1).max(12);
const probability = z.number().min(0).max(1);
const codeOrId = z.string().min(1).max(limits.idLength);

export const ticketSchema = z
  .strictObject({
    id: z
      .string()
      .min(1)
      .max(limits.idLength)
      .meta({ description: 'Yours; unique in the batch.', example: 'GD-1' }),
    title: z.string().max(limits.titleLength).optional().meta({ example: '渣土车夜间扰民' }),
    text: z.string().max(limits.textLength).meta({
      description: 'May be empty: the answer is then a fallback.',
      example: '小区旁工地凌晨两点还在运渣土。',
    }),
    facets: z
      .record(z.string().min(1).max(40), z.string().min(1).max(60))
      .refine(
        (facets) => Object.keys(facets).length <= limits.facets,
        `must have at most ${limits.facets} facets`,
      )
      .optional()
      .meta({
        description:
          'Extension codes (扩展码) the intake system knows: a facet’s id or name → a value’s code or name. Kept, never overwritten.',
        example: { demand: '03' },
      }),
  })
  .meta({ id: 'Ticket' });

export const suggestionsRequestSchema = z
  .strictObject({
    tickets: z.array(ticketSchema).min(1).max(limits.tickets),
    k: z
      .number()
      .int()
      .min(1)
      .max(limits.candidates)
      .default(limits.defaultCandidates)
      .meta({ description: 'Candidates to return for each ticket.' }),
    level: level
      .optional()
      .meta({ description: 'Answer at this level of the tree; default: as deep as it goes.' }),
    within: z
      .array(codeOrId)
      .max(limits.filterCodes)
      .optional()
      .meta({
        description: 'Codes or item ids: the answer lies at or beneath one of them.',
        example: ['08'],
      }),
    without: z
      .array(codeOrId)
      .max(limits.filterCodes)
      .optional()
      .meta({ description: 'Codes or item ids: the answer lies at or beneath none of them.' }),
    coverage: z.number().gt(0).lt(1).optional().meta({
      description:
        'Also give the shortest list that holds the right item with this probability, on average over tickets like those the model was trained on: `set` of a result. The next higher one that the model promises is taken.',
      example: 0.95,
    }),
    evidence: z.boolean().default(true).meta({ description: 'Off saves the time of explaining.' }),
    review: z.boolean().default(true).meta({
      description:
        'false: recorded as shown, but never put into the review queue; for tickets that are still being written or that an agent has in hand.',
    }),
  })
  .meta({ id: 'SuggestionsRequest' });

/** `item` is the identity (a place in the tree); `code` may be ambiguous in the list as printed. */
const itemRef = {
  item: z.string().meta({ description: 'Item id: its place in the tree.', example: '08.0801.080102' }),
  code: z.string().meta({ description: 'Base code, ten digits.', example: '0801020000' }),
  short: z.string().meta({ description: 'The code as the list prints it.', example: '080102' }),
  name: z.string(),
};
export const itemRefSchema = z.strictObject(itemRef).meta({ id: 'ItemRef' });

export const candidateSchema = z
  .strictObject({
    ...itemRef,
    path: z.array(itemRefSchema).meta({ description: 'From level 1 to the item itself.' }),
    probability: probability.meta({ description: 'Calibrated.' }),
  })
  .meta({ id: 'Candidate' });

export const fallbackReasons = ['low-confidence', 'empty-text', 'unintelligible', 'no-candidates'] as const;

export const decisionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('specific'), ...itemRef, probability }).meta({ id: 'SpecificDecision' }),
    z
      .strictObject({
        kind: z.literal('fallback'),
        item: itemRef.item
          .nullable()
          .meta({ description: 'The nearest catch-all; null where the tree has none.' }),
        code: z.string().nullable(),
        short: z.string().nullable(),
        name: z.string().nullable(),
        under: z
          .union([itemRefSchema, z.null()])
          .meta({ description: 'The deepest item that was certain; null: not even level 1 was.' }),
        reason: z.enum(fallbackReasons),
        probability: probability.meta({ description: 'Of `under`; 1 where that is null.' }),
      })
      .meta({ id: 'FallbackDecision' }),
  ])
  .meta({ id: 'Decision' });

export const evidenceSchema = z
  .strictObject({
    field: z.enum(['title', 'text']),
    start: z.number().int().min(0).meta({ description: 'UTF-16 offset into the field as it was sent.' }),
    end: z.number().int().min(0).meta({ description: 'Exclusive.' }),
    weight: probability.meta({ description: 'Share of what spoke for the first candidate.' }),
  })
  .meta({ id: 'Evidence' });

export const facetSchema = z
  .strictObject({
    facet: z.string().meta({ description: 'The facet’s id.', example: 'demand' }),
    code: z.string().meta({ description: 'Of the value.', example: '03' }),
    name: z.string().meta({ example: '投诉' }),
    probability: probability.meta({ description: 'Calibrated; 1 where it was given.' }),
    given: z.boolean().meta({ description: 'Came with the ticket, not from the model.' }),
  })
  .meta({ id: 'Facet' });

export const adjustmentSchema = z
  .strictObject({
    model: z.union([itemRefSchema, z.null()]).meta({ description: 'What the model alone had put first.' }),
    share: probability.meta({ description: 'Of the answer; the rest is the model’s.' }),
    choices: z.number().int().min(1).meta({ description: 'Recent choices about similar tickets.' }),
    corrections: z
      .number()
      .int()
      .min(0)
      .meta({ description: 'Those that were other than the model alone had put first.' }),
    items: z
      .array(z.strictObject({ ...itemRef, share: probability }).meta({ id: 'AdjustedItem' }))
      .meta({ description: 'What was chosen most, with its share among the choices; at most three.' }),
  })
  .meta({
    id: 'Adjustment',
    description:
      'What agents chose lately for similar tickets moved the answer. Absent where nothing similar was corrected, or the server does not adjust.',
  });

export const setSchema = z
  .strictObject({
    coverage: probability.meta({ description: 'Promised: what was asked for, or a little more.' }),
    items: z.array(candidateSchema).meta({
      description:
        'Together they hold the right item; the most probable first. One above the leaves stands for everything beneath it; none lies within another. Empty where `within` and `without` leave nothing.',
    }),
  })
  .meta({
    id: 'Set',
    description: 'Only where `coverage` was asked for, and the ticket could be read.',
  });

export const resultSchema = z
  .strictObject({
    id: z.string(),
    suggestionId: z
      .string()
      .optional()
      .meta({ description: 'To send with feedback; absent where the server keeps no store.' }),
    decision: decisionSchema,
    candidates: z.array(candidateSchema),
    evidence: z.array(evidenceSchema),
    facets: z.array(facetSchema).meta({ description: 'In the order of the combined code.' }),
    combinedCode: z.string().optional().meta({
      description: 'The decided item’s code with the facets; absent where there is no item or no facet.',
      example: '0801020000-A03',
    }),
    set: setSchema.optional(),
    adjustment: adjustmentSchema.optional(),
  })
  .meta({ id: 'Result' });

export const modelSchema = z
  .strictObject({ id: z.string(), version: z.string(), trainedAt: z.string() })
  .meta({ id: 'Model' });

export const taxonomySchema = z
  .strictObject({ id: z.string(), version: z.string(), title: z.string(), digest: z.string(), depth: level })
  .meta({ id: 'Taxonomy' });

export const suggestionsResponseSchema = z
  .strictObject({ model: modelSchema, taxonomy: taxonomySchema, results: z.array(resultSchema) })
  .meta({ id: 'SuggestionsResponse' });

export const itemSchema = z
  .strictObject({
    ...itemRef,
    level,
    path: z.array(itemRefSchema),
    children: z.number().int().min(0).meta({ description: 'How many; 0 for a leaf.' }),
    catchAll: z.boolean().meta({ description: '收容项: an item named 其他.' }),
    retired: z.boolean(),
    words: z.array(z.string()).meta({ description: 'What citizens and agents call it.' }),
  })
  .meta({ id: 'Item' });

export const itemsQuerySchema = z.strictObject({
  q: z.string().max(limits.queryLength).optional(),
  parent: z.string().max(limits.idLength).optional(),
  limit: z.coerce.number().int().min(1).max(limits.items).default(20),
});

export const foundItemSchema = itemSchema
  .extend({
    matched: z.string().optional().meta({ description: 'What the query matched: the name, code or word.' }),
  })
  .meta({ id: 'FoundItem' });

export const itemsResponseSchema = z
  .strictObject({ taxonomy: taxonomySchema, items: z.array(foundItemSchema) })
  .meta({ id: 'ItemsResponse' });

export const itemResponseSchema = z
  .strictObject({
    taxonomy: taxonomySchema,
    item: itemSchema,
    children: z.array(itemSchema),
    fallback: z.union([itemRefSchema, z.null()]).meta({
      description: 'Where a ticket goes that is certainly under this item, but under none of its children.',
    }),
  })
  .meta({ id: 'ItemResponse' });

export const extensionSchema = z
  .strictObject({
    facet: z.string().meta({ description: 'The facet’s id.', example: 'demand' }),
    name: z.string().meta({ description: 'The facet’s name.', example: '诉求类别' }),
    code: z.string().meta({ description: 'As it stands in the combined code.', example: 'A03' }),
    value: z.string().meta({ example: '投诉' }),
  })
  .meta({ id: 'Extension' });

export const codeResponseSchema = z
  .strictObject({
    taxonomy: taxonomySchema,
    code: z.string().meta({ description: 'The code in full; of a combined code the item’s part.' }),
    short: z.string().meta({ description: 'Without the filling zeros.' }),
    level: z.number().int().min(1).meta({ description: '6 and more behind Z.' }),
    catchAll: z.boolean(),
    items: z.array(itemSchema).meta({ description: 'Every item the code may mean, at least one.' }),
    extensions: z.array(extensionSchema).meta({ description: 'The facets of a combined code.' }),
    explanation: z
      .strictObject({ zh: z.string(), en: z.string() })
      .meta({ id: 'Explanation', description: 'For people; names stay as the list prints them.' }),
  })
  .meta({ id: 'CodeResponse' });

export const healthSchema = z.strictObject({ status: z.string() }).meta({ id: 'Health' });

export const readySchema = z
  .strictObject({ status: z.literal('ready'), model: modelSchema, taxonomy: taxonomySchema })
  .meta({ id: 'Ready' });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string().meta({ description: 'Stable; see docs/api.md.' }),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export type SuggestionsRequest = z.input<typeof suggestionsRequestSchema>;
export type SuggestionsResponse = z.infer<typeof suggestionsResponseSchema>;
export type ResultBody = z.infer<typeof resultSchema>;
export type DecisionBody = z.infer<typeof decisionSchema>;
export type CandidateBody = z.infer<typeof candidateSchema>;
export type AdjustmentBody = z.infer<typeof adjustmentSchema>;
export type FacetBody = z.infer<typeof facetSchema>;
export type EvidenceBody = z.infer<typeof evidenceSchema>;
export type ItemRefBody = z.infer<typeof itemRefSchema>;
export type ItemBody = z.infer<typeof itemSchema>;
export type ItemsResponse = z.infer<typeof itemsResponseSchema>;
export type ItemResponse = z.infer<typeof itemResponseSchema>;
export type CodeResponse = z.infer<typeof codeResponseSchema>;
export type ModelBody = z.infer<typeof modelSchema>;
export type TaxonomyBody = z.infer<typeof taxonomySchema>;
