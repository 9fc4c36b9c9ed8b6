/** Why an import could not begin, in words that say what would be right. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
