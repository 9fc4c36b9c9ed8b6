// The contract scores what is promised, and a lower score is named.
import { describe, expect, it } from 'vitest';
import { lowScores, scoresOf } from '../../tools/contract-score.js';

describe('scores', { timeout: 60_000 }, () => {
  it('are high enough', async () => {
    expect(lowScores(await scoresOf('generated/openapi.json'))).toEqual([]);
  });

  it('are named where they are low', () => {
    const subscores = { documentationQuality: 1, constraintClarity: 0.985 };
    const operationScores = { listPatients: { agentReadiness: 89.9 } };
    const faults = lowScores({ agentReadiness: 95.9, subscores, operationScores });
    expect(faults).toContain('The contract scores 95.9; it has to score 96.');
    expect(faults).toContain('constraintClarity is 98.5 %; it has to be 100 %.');
    expect(faults).toContain('listPatients scores 89.9; each operation has to score 90.');
    expect(faults.join()).not.toContain('documentationQuality');
  });
});
