"""What a plugin author implements, for every kind. It needs NumPy only (and pluggy for the hooks' marks).

Read in this order:

    components       the five kinds of components, and what they get to see in training
    hyperparameters  all that `hyper` can say of a field
    hookspecs        the hooks by which a plugin offers what it has, each with an example

and then what your kind needs: `dataset`, `function`, `architecture` (a network kind, made of a `layer`'s calls), and
`layout`, which says where each tensor lies in the flat vector. `errors` is what a user can mend; `averages` is the
exponentially weighted average by itself.
"""
