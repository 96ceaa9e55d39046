/** Which rules are not false for a connect, at the cost of a look-up for each fact. */
export type { Classifier, Visitor } from './classifier.js';
export { classifierInSteps, createClassifier } from './create-classifier.js';
