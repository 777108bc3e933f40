//! What `tenfold-annotate` promises.
