/** What takes longest to load, in parts: between them is gone on with what the database and Secret Manager answer. */
export async function loadLibraries(): Promise<void> {
  await import('express');
  await import('openapi-backend');
}
