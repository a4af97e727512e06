"""What a plugin author implements, for every kind, each contract once. It needs NumPy only (`hookspecs` also pluggy).

Read in this order:

    components       the five kinds of components; read this file first
    context          what components get to see in training: progress, the step at hand, measurements
    hyperparameters  all that `hyper` can say of a field
    hookspecs        the hooks by which a plugin offers what it has, each with an example

and then what your kind needs: `layout`, which says where each tensor lies in the flat vector; `dataset`; `function`;
`layer`, and `architecture`, a network kind, which is made of layers. `errors` is what a user can mend; `averages` is
the exponentially weighted average by itself. Plugins import all names from `optbench`.
"""
