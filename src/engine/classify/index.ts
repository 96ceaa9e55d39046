/** Which rules are not false for a connect, at the cost of a look-up for each fact. */
export {
  type Classifier,
  classifierInSteps,
  createClassifier,
  type Visitor,
} from './classifier.js';
