/** manifest.json of a model's folder: what the model is, what it was made with, and the checksums of its files. */
import { z } from 'zod';

const positive = z.number().positive();
const unit = z.number().min(0).max(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const manifestSchema = z.looseObject({
  format: z.literal('duihao-model'),
  /** 2: features are weighted by what they tell of the items; those of 1 by document frequency. */
  formatVersion: z.literal(2),
  id: z.string().min(1),
  version: z.string().min(1),
  trainedAt: z.string(),
  taxonomyDigest: sha256,
  features: z.object({
    charGrams: z.number().int(),
    /** Models from before had none. */
    marks: z.boolean().default(false),
    words: z.boolean(),
    wordPairs: z.boolean(),
    titleWeight: positive,
    titleFeatures: z.boolean(),
    maxCharacters: z.number().int().positive(),
  }),
  segmenter: z.object({ name: z.enum(['nodejieba', 'node-rs-jieba']), dictionaryDigest: sha256 }),
  network: z
    .object({
      dimensions: z.number().int().positive(),
      rows: z.number().int().min(0),
      headSizes: z.array(z.number().int().positive()).min(1),
    })
    .nullable(),
  combination: z.object({ levels: z.array(z.number()).min(1), network: z.number() }),
  calibration: z.object({
    temperatures: z.array(positive).min(1),
    doubt: z.object({ temperature: positive, weights: z.array(z.number()).min(1) }),
  }),
  policy: z.object({ targetError: unit, thresholds: z.array(unit).min(1) }),
  conformal: z.array(
    z.object({
      coverage: unit,
      threshold: z.number().min(0).nullable(),
      penalty: z.number().min(0),
      freeRanks: z.number().int().min(1),
    }),
  ),
  /** Facets with a head of their own, in the order of the heads. */
  facets: z.array(z.object({ facet: z.string(), temperature: positive })),
  files: z.object({
    weights: z.object({
      sha256,
      bytes: z.number().int().min(0),
      arrays: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(['i8', 'u8', 'u16', 'i32', 'u32', 'f32']),
          length: z.number().int().min(0),
          offset: z.number().int().min(0),
        }),
      ),
    }),
    taxonomy: z.object({ sha256 }),
    /** The facet table, where there are facets. */
    facets: z.object({ sha256 }).nullable(),
    /** The list the weights are of, where the model was moved to another version after its training. */
    trainedTaxonomy: z.object({ sha256 }).optional(),
  }),
});

export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
