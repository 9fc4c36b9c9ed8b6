// Prints the contract's scores by `redocly score`, and fails where they are below what is promised.
import { fileURLToPath } from 'node:url';
import { redocly } from './redocly.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const lowest = { whole: 96, operation: 90, part: 1 };
const wholeParts = [
  'documentationQuality',
  'constraintClarity',
  'exampleCoverage',
  'errorClarity',
  'identifierClarity',
  'polymorphismClarity',
];

export interface Scores {
  readonly agentReadiness: number;
  readonly subscores: Readonly<Record<string, number>>;
  readonly operationScores: Readonly<Record<string, { readonly agentReadiness: number }>>;
}

/** What is below its limit: the whole, an operation, or one of the six parts that must be full. */
export function lowScores(scores: Scores): readonly string[] {
  const { agentReadiness, subscores, operationScores } = scores;
  const parts = wholeParts.filter((part) => (subscores[part] ?? 0) < lowest.part);
  const operations = Object.entries(operationScores).filter(
    ([, score]) => score.agentReadiness < lowest.operation,
  );
  return [
    ...(agentReadiness < lowest.whole
      ? [`The contract scores ${agentReadiness}; it has to score ${lowest.whole}.`]
      : []),
    ...parts.map((part) => `${part} is ${percent(subscores[part] ?? 0)}; it has to be 100 %.`),
    ...operations.map(
      ([id, score]) =>
        `${id} scores ${score.agentReadiness}; each operation has to score ${lowest.operation}.`,
    ),
  ];
}

/** @param file a bundled document */
export async function scoresOf(file: string): Promise<Scores> {
  const output = await redocly(root, ['score', file, '--format=json']);
  // Its own form, as `--format=json` writes it.
  return JSON.parse(output) as Scores;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

async function main(): Promise<void> {
  const scores = await scoresOf('generated/openapi.json');
  console.log(`whole  ${scores.agentReadiness}`);
  for (const [part, share] of Object.entries(scores.subscores)) {
    console.log(`${part.padEnd(22)} ${percent(share)}`);
  }
  for (const [id, { agentReadiness }] of Object.entries(scores.operationScores)) {
    console.log(`${id.padEnd(22)} ${agentReadiness}`);
  }
  const low = lowScores(scores);
  for (const fault of low) console.error(fault);
  if (low.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
