import tseslint from 'typescript-eslint'

const environmentReaders = ['**/main.ts', 'setup/**', 'demo/**', 'testbed/**', 'test/**', 'bench/**']

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      '.cache/',
      'coverage/',
      'collector/web/dist/',
      'agent/dist/',
      'collector/dist/',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers print the same everywhere; wrapping each in String() only adds noise.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Typed arrays are indexed within bounds that their loop proves.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    ignores: environmentReaders,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only main.ts files read the environment.' },
        { object: 'process', property: 'argv', message: 'Only main.ts files read argv.' },
        { object: 'process', property: 'exitCode', message: 'Only main.ts files set the exit code.' },
        { object: 'process', property: 'exit', message: 'Only main.ts files end the process.' },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['agent/postgres/**', 'demo/**', 'testbed/**', 'test/**', 'bench/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'pg', message: 'Only agent/postgres talks to PostgreSQL.' }] },
      ],
    },
  },
)
