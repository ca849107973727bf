"""Training: Keras models, the compiled loop, augmentation, fine-tuning on a learner's digits.

`model`, `compiled_model`, `model_pool`, `device_data`, `engine`, `augment` and `fine_tuning`
import TensorFlow, so only workers import them. `in_process` trains without workers, for scripts
and notebooks.
"""
