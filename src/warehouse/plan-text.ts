/** A plan in words, in the order of roll-out. */
import type { Plan, Step } from './plan-step.js';

export function planText({ before, after }: Plan): string {
  if (before.length === 0 && after.length === 0) return 'Tables and views stay as they are.\n';
  return [
    '1. Tables and views, before the service: a message with a field that its table does not have is refused.',
    ...stepsText(before),
    '2. The service, then npm run revalidate, then the producer.',
    '3. When the subscriptions hold no message of the old contract any more:',
    ...stepsText(after),
    'Where Dataflow appends to logs (way B), the statements are for `${dataset}.<collection>_log`: the collection itself is a view.',
    '${dataset} stands for project.dataset. With Terraform, terraform apply takes the place of the statements.',
    '',
  ].join('\n');
}

function stepsText(steps: readonly Step[]): readonly string[] {
  return steps.length === 0 ? ['   nothing'] : steps.map(stepText);
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'statement':
      return [...(step.note === undefined ? [] : [`   -- ${step.note}`]), `   ${step.sql}`].join(
        '\n',
      );
    case 'refusal':
      return `   ! ${step.what}.\n     Way: ${step.way}.`;
  }
}
