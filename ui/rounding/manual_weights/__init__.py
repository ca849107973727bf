"""Lesson 1's tool *By hand*: can a person set the weights as well as training does?"""
