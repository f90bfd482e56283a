import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['out', '.tsc', '.cache', '**/*.mjs', '**/*.js', '**/*.d.mts'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      // A number in a template is how every message here is written.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Typed arrays are indexed inside their length; `!` says so where the compiler cannot know it.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['src/renderer/**'], ...hooks.configs.flat['recommended-latest'] },
);
