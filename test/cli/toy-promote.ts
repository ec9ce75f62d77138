/** `duihao models` over judges that are wrong about every n-th ticket, as their manifests say; started as a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { register } from '../../src/cli/models.js';
import { run } from '../../src/cli/run.js';
import type { Judge } from '../../training/evaluation/judge.js';
import { toyTaxonomy } from '../toy-answerer.js';

async function openJudge(folder: string): Promise<Judge> {
  const taxonomy = toyTaxonomy();
  const { id, version, trainedAt, toyErrs } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  return {
    taxonomy,
    model: { id, version, trainedAt },
    policy: { targetError: 0.1, thresholds: [0.5, 0.5, 0.5] },
    conformal: [],
    distributions: (tickets) =>
      tickets.map(({ id: ticket, text }) => {
        const errs = Number(ticket) % toyErrs === 0;
        const scores = Float64Array.from(taxonomy.leaves, (index) =>
          text.includes(taxonomy.at(index).displayName) !== errs ? 1 : 0.01,
        );
        const sum = scores.reduce((total, score) => total + score, 0);
        return scores.map((score) => score / sum);
      }),
    words: () => [],
  };
}

await run(process.argv, (program) => register(program, openJudge));
