"""A learner's place in a class: joining it, the sidebar, the teacher's questions, what is shared.

The start page, lesson 4 and the frame of all pages use it. The teacher's page is `ui/classroom/`;
rows and keys are in `ui/class_store/`.
"""
