"""Training: Keras models, the compiled loop, augmentation, fine-tuning on a learner's digits.

`model`, `engine`, `augment` and `fine_tuning` import TensorFlow, so only workers import them.
"""
