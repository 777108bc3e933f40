//! Signatures of generalised kernels, as NumPy writes them: `(m,n),(n)->(m)`.

/// The core dimensions of each argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) inputs: Vec<Core>,
    pub(crate) outputs: Vec<Core>,
}

/// The dimensions of one argument that the kernel sees; none of a scalar.
pub(crate) type Core = Vec<Dim>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Dim {
    /// The same length wherever the name stands.
    Named(String),
    Fixed(usize),
}

/// Matrices are the most that a kernel sees at once.
const MOST_DIMS: usize = 2;

impl Signature {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Some((inputs, outputs)) = text.split_once("->") else {
            return Err(format!("signature `{text}` needs `->` between inputs and outputs"));
        };
        let signature = Self { inputs: cores(inputs)?, outputs: cores(outputs)? };
        if signature.outputs.is_empty() {
            return Err(format!("signature `{text}` has no output, like `(n)` behind `->`"));
        }
        for dim in signature.outputs.iter().flatten() {
            if matches!(dim, Dim::Named(_)) && !signature.inputs.iter().flatten().any(|d| d == dim)
            {
                let Dim::Named(name) = dim else { continue };
                return Err(format!("no input has dimension `{name}` of the output"));
            }
        }
        Ok(signature)
    }
}

fn cores(text: &str) -> Result<Vec<Core>, String> {
    let mut found = vec![];
    let mut rest = text.trim();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let Some((dims, tail)) = inner else {
            return Err(format!("`{rest}` of the signature should be dimensions like `(m,n)`"));
        };
        found.push(core(dims)?);
        rest = tail.trim();
        if let Some(next) = rest.strip_prefix(',') {
            rest = next.trim();
            if rest.is_empty() {
                return Err("the signature ends a list of arguments with a comma".to_owned());
            }
        } else if !rest.is_empty() {
            return Err(format!("`{rest}` of the signature should begin with a comma"));
        }
    }
    Ok(found)
}

fn core(text: &str) -> Result<Core, String> {
    if text.trim().is_empty() {
        return Ok(vec![]);
    }
    let dims: Core = text.split(',').map(|dim| read_dim(dim.trim())).collect::<Result<_, _>>()?;
    if dims.len() > MOST_DIMS {
        return Err(format!(
            "`({text})` has {} dimensions, and at most {MOST_DIMS} can be",
            dims.len()
        ));
    }
    Ok(dims)
}

fn read_dim(text: &str) -> Result<Dim, String> {
    if let Ok(length) = text.parse() {
        return if length == 0 {
            Err("a dimension of length 0 has no elements".to_owned())
        } else {
            Ok(Dim::Fixed(length))
        };
    }
    let mut letters = text.chars();
    let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if starts && letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(Dim::Named(text.to_owned()));
    }
    Err(format!("`{text}` is no dimension: it takes a name like `n` or a length like `3`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numpy_s_examples_are_read() {
        let named = |name: &str| Dim::Named(name.to_owned());
        let matvec = Signature::parse("(m,n),(n)->(m)").unwrap();
        assert_eq!(matvec.inputs, [vec![named("m"), named("n")], vec![named("n")]]);
        assert_eq!(matvec.outputs, [vec![named("m")]]);
        let cross = Signature::parse(" (3), ( 3 ) -> (3) ").unwrap();
        assert_eq!(cross.inputs, [[Dim::Fixed(3)], [Dim::Fixed(3)]]);
        assert_eq!(Signature::parse("(n),()->()").unwrap().inputs[1], []);
        assert_eq!(Signature::parse("->(3)").unwrap().inputs, Vec::<Core>::new());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, part) in [
            ("(n)", "needs `->`"),
            ("(n)->", "no output"),
            ("(n)->(k)", "dimension `k`"),
            ("(n),->(n)", "comma"),
            ("(n)(n)->(n)", "begin with a comma"),
            ("n->(n)", "dimensions like"),
            ("(n-1)->(n)", "`n-1` is no dimension"),
            ("(0)->(0)", "length 0"),
            ("(a,b,c)->()", "at most 2"),
        ] {
            let message = Signature::parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
