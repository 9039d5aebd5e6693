import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "src/core/api", "node_modules"] },
  ...tseslint.configs.strictTypeChecked.map((one) => ({ ...one, files: ["src/**/*.ts", "test/**/*.ts"] })),
  {
    files: ["src/**/*.ts", "test/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      // VS Code takes anything with `dispose`
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
    },
  },
);
