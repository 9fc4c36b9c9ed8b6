// Redocly loads JavaScript only; the rules themselves are TypeScript.
import { tsImport } from 'tsx/esm/api';

// A module that is loaded by its name has no type here.
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment
const { plugin } = await tsImport('./lint/plugin.ts', import.meta.url);

export default () => /** @type {unknown} */ (plugin);
