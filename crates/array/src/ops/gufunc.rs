//! Functions of parts of arrays that have axes of their own.

use std::panic::Location;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayView, ArrayViewD, IxDyn};
use smallvec::SmallVec;

use super::broadcast::{broadcast, common_shape};
use super::lanes::{OfLanes, of_lanes};
use crate::array::Array;
use crate::block::lanes::{LanesFunction, lane};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Identity;
use crate::node::{Node, Origin};
use crate::window::{Dims, count};

/// What a signature says: the names of the core axes of each input, and of the result.
#[derive(Debug, PartialEq, Eq)]
struct Signature<'a> {
    inputs: Vec<Vec<&'a str>>,
    output: Vec<&'a str>,
}

impl<'a> Signature<'a> {
    fn parse(text: &'a str) -> Result<Self> {
        let wrong = || {
            let sentence = format!(
                "argument `signature` is {text:?}, but must have names in parentheses for each array and for the \
                 result, such as \"(i,j),(j)->(i)\""
            );
            Error::new(ErrorKind::Value, sentence)
        };
        let (inputs, output) = text.split_once("->").ok_or_else(wrong)?;
        let inputs = lists(inputs).ok_or_else(wrong)?;
        let mut output = lists(output).filter(|lists| lists.len() == 1).ok_or_else(wrong)?;
        Ok(Self { inputs, output: output.remove(0) })
    }
}

/// The names in several parentheses, with a comma between.
fn lists(text: &str) -> Option<Vec<Vec<&str>>> {
    let mut lists = vec![];
    let mut rest = text.trim();
    loop {
        let (inside, behind) = rest.strip_prefix('(')?.split_once(')')?;
        lists.push(names(inside)?);
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return rest.is_empty().then_some(lists),
        }
    }
}

fn names(text: &str) -> Option<Vec<&str>> {
    if text.trim().is_empty() {
        return Some(vec![]);
    }
    let is_name = |name: &&str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    text.split(',').map(|name| Some(name.trim()).filter(is_name)).collect()
}

/// How long the core axes are, by their names.
struct Sizes<'a>(Vec<(&'a str, usize)>);

impl<'a> Sizes<'a> {
    fn of(&self, name: &str) -> Option<usize> {
        self.0.iter().find(|(of, _)| *of == name).map(|(_, len)| *len)
    }

    /// Adds those of an array, or says which differs from that of another.
    fn take(&mut self, number: usize, core: &[&'a str], shape: &[usize]) -> Result<()> {
        for (&name, &len) in core.iter().zip(shape) {
            match self.of(name) {
                Some(before) if before != len => {
                    let sentence = format!(
                        "axis `{name}` of argument `signature` is {len} long in array {number}, but {before} before"
                    );
                    return Err(Error::new(ErrorKind::Shape, sentence));
                }
                Some(_) => {}
                None => self.0.push((name, len)),
            }
        }
        Ok(())
    }
}

impl<T: Element> Array<T, IxDyn> {
    /// A function of parts of arrays, which have the last axes of each: how many these are, which of them are as long as
    /// others, and which the result has, a signature says. The axes before are broadcast, and the function is called
    /// for each place on them. The parts of one place are in memory as a whole: what does not fit is refused by a plan.
    ///
    /// ```
    /// use tenfold_array::{Array, ndarray::{Ix1, Ix2, array}};
    ///
    /// // Three matrices, and one vector for all.
    /// let x = Array::arange(0..12_i64, 5).reshape([3, 2, 2]).into_dyn();
    /// let v = Array::from(vec![1, 10]).into_dyn();
    /// let products = Array::apply_gufunc("(i,j),(j)->(i)", &[&x, &v], |parts| {
    ///     let matrix = parts[0].view().into_dimensionality::<Ix2>().unwrap();
    ///     matrix.dot(&parts[1].view().into_dimensionality::<Ix1>().unwrap()).into_dyn()
    /// });
    /// assert_eq!(products.compute()?, array![[10, 32], [54, 76], [98, 120]].into_dyn());
    /// let error = Array::apply_gufunc("(i)->(j)", &[&v], |parts| parts[0].to_owned()).compute().unwrap_err();
    /// assert!(error.to_string().starts_with("axis `j` of argument `signature` is in the result, but in no array"));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn apply_gufunc<R: Element>(
        signature: &str,
        arrays: &[&Self],
        f: impl Fn(&[ArrayViewD<'_, T>]) -> ArrayD<R> + Send + Sync + 'static,
    ) -> Array<R, IxDyn> {
        let origin = Location::caller();
        Array::or_invalid(origin, || {
            let key = Identity::of_function(&f).with(signature);
            let signature = Signature::parse(signature)?;
            let cores = cores(&signature, arrays)?;
            let (outer, inputs) = in_lanes(arrays, &cores.inputs, origin)?;
            let len = count(&cores.output);
            let to: Dims = outer.iter().chain(&cores.output).copied().collect();
            let of = OfLanes {
                name: "apply_gufunc",
                key,
                len,
                scratch: len.saturating_mul(size_of::<R>()),
                function: of_parts(cores, f),
            };
            Ok(of_lanes::<R, IxDyn>(&inputs, of, origin)?.reshape(IxDyn(&to)))
        })
    }
}

/// The shapes of the parts of each input, and of the result.
struct Cores {
    inputs: Vec<Dims>,
    output: Dims,
}

fn cores<T: Element>(signature: &Signature<'_>, arrays: &[&Array<T, IxDyn>]) -> Result<Cores> {
    if signature.inputs.len() != arrays.len() {
        let sentence = format!(
            "argument `signature` has {} arrays, but argument `arrays` {}",
            signature.inputs.len(),
            arrays.len()
        );
        return Err(Error::new(ErrorKind::Axis, sentence));
    }
    let mut sizes = Sizes(vec![]);
    let mut inputs = vec![];
    for (number, (array, core)) in arrays.iter().zip(&signature.inputs).enumerate() {
        array.check()?;
        let shape = array.shape();
        let Some(outer) = shape.len().checked_sub(core.len()) else {
            let sentence = format!(
                "array {number} of argument `arrays` has {} axes, but argument `signature` names {}",
                shape.len(),
                core.len()
            );
            return Err(Error::new(ErrorKind::Axis, sentence));
        };
        sizes.take(number, core, &shape[outer..])?;
        inputs.push(shape[outer..].into());
    }
    let output = signature.output.iter().map(|name| {
        sizes.of(name).ok_or_else(|| {
            let sentence =
                format!("axis `{name}` of argument `signature` is in the result, but in no array");
            Error::new(ErrorKind::Axis, sentence)
        })
    });
    Ok(Cores { inputs, output: output.collect::<Result<_>>()? })
}

/// The arrays with their parts as lanes, and the axes before, which they share.
fn in_lanes<T: Element>(
    arrays: &[&Array<T, IxDyn>],
    cores: &[Dims],
    origin: Origin,
) -> Result<(Dims, Vec<Arc<Node>>)> {
    let outer = |array: &Array<T, IxDyn>, core: &Dims| -> Dims {
        let shape = array.shape();
        shape[..shape.len() - core.len()].into()
    };
    let all = arrays.iter().zip(cores);
    let common = all.clone().try_fold(Dims::new(), |common, (array, core)| {
        common_shape(&common, &outer(array, core))
    })?;
    let lanes = all.map(|(array, core)| {
        let with = |outer: &Dims| -> Dims { outer.iter().copied().chain([count(core)]).collect() };
        let flat = array.reshape(IxDyn(&with(&outer(array, core))));
        flat.check()?;
        Ok(broadcast(&flat.node, &with(&common), origin))
    });
    let lanes = lanes.collect::<Result<_>>()?;
    Ok((common, lanes))
}

/// The function of lanes that a function of parts is.
fn of_parts<T: Element, R: Element>(
    cores: Cores,
    f: impl Fn(&[ArrayViewD<'_, T>]) -> ArrayD<R> + Send + Sync + 'static,
) -> Box<LanesFunction> {
    Box::new(move |lanes, inputs, out| {
        let out = out.elements_mut::<R>();
        let len = out.len() / lanes;
        for number in 0..lanes {
            let views = inputs.iter().zip(&cores.inputs).map(|(input, core)| {
                ArrayView::from_shape(IxDyn(core), lane(input.elements::<T>(), lanes, number))
            });
            let views: SmallVec<[_; 2]> = views.collect::<Result<_, _>>().map_err(|error| {
                Error::new(ErrorKind::Shape, "a part has another shape").because(error)
            })?;
            let made = f(&views);
            if made.shape() != cores.output.as_slice() {
                let sentence = format!(
                    "`apply_gufunc` made a part of shape {:?}, but argument `signature` says {:?}",
                    made.shape(),
                    cores.output.as_slice()
                );
                return Err(Error::new(ErrorKind::Shape, sentence));
            }
            out[number * len..][..len].iter_mut().zip(made).for_each(|(out, made)| *out = made);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read_or_refused() {
        let read = Signature::parse(" ( i , j ) , () ,(j_2)->( i )").unwrap();
        assert_eq!(read.inputs, [vec!["i", "j"], vec![], vec!["j_2"]]);
        assert_eq!(read.output, ["i"]);
        for text in [
            "",
            "->",
            "(i)",
            "i->i",
            "(i)->",
            "->(i)",
            "(i),->(i)",
            "(i)->(i),(j)",
            "(i,)->(i)",
            "(2)->()",
            "(i)->(i)x",
        ] {
            assert_eq!(Signature::parse(text).unwrap_err().kind(), ErrorKind::Value, "{text}");
        }
    }
}
