"""Small linear models over what the rules found: which types, parties and venue a text tells.

The rules propose, with evidence; a logistic regression weighs what speaks for and against each proposal. Weights are plain JSON, trained by
`scripts/train_classifiers.py` on the project's own gold texts (`make train`), and read without any learning library.
"""
