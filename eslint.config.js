import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'deploy/terraform/*.js',
      '**/dist',
      'generated',
      'node_modules',
      '.local',
      '.dependency-cruiser.cjs',
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ['eslint.config.js', 'tools/*.mjs', 'packages/client/*.mjs'],
        },
        tsconfigRootDir: import.meta.dirname,
      },
      globals: { process: 'readonly', console: 'readonly' },
    },
    rules: {
      // A type alias for a union and an interface for an object stand side by side here.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // A rest without one property is how a property is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      // Numbers in messages are wanted: ports, counts, line numbers.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // Scripts of a page know no types of Node, and belong to no TypeScript project.
    files: ['tools/reference/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      parserOptions: { projectService: false },
      globals: { document: 'readonly', addEventListener: 'readonly', MutationObserver: 'readonly' },
    },
  },
  {
    // Peers run as they stand, some beside a built service whose types are not there before it is built.
    files: ['bench/**/*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
  },
  {
    // A describe block is one function to ESLint, and a table of cases is one file.
    files: ['tests/**', 'bench/**', 'tools/**'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' },
  },
);
