//! How a computation is to be carried out.

use std::path::PathBuf;
use std::sync::Arc;

use ndarray::{Dimension, IxDyn};

use crate::array::Array;
use crate::buffer::Buffer;
use crate::cut::bytes;
use crate::destination::{AnyTarget, Made, Remembered};
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::{Cancel, available};
use crate::node::{Node, Op};
use crate::plan::{self, Pass, Passes, Plan, Wishes};
use crate::source::Target;

/// With how many threads and how much memory arrays are computed.
///
/// ```
/// use tenfold_array::{Array, Settings};
///
/// let x = Array::<f64, _>::ones([2000, 2000], "auto");
/// let settings = Settings::new().threads(2).with_memory("16MiB")?;
/// let sum = settings.compute(&(&x + &x.t()).sum())?;
/// assert_eq!(sum.into_scalar(), 8e6);
///
/// // All of `x` takes more than the cap: refused before anything runs.
/// let error = settings.compute(&x).unwrap_err();
/// assert!(error.to_string().starts_with("array `full` needs 3"), "{error}");
/// # Ok::<(), tenfold_array::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Settings {
    threads: Option<usize>,
    memory: Option<usize>,
    passes: Passes,
    folder: Option<PathBuf>,
    cancel: Cancel,
}

impl Settings {
    /// All cores, and as much memory as it takes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// On so many threads, at least one. The result is the same, bit for bit.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads: Some(threads.max(1)), ..self }
    }

    /// With at most so much memory, such as `512MiB`, the results included. It is a contract: kept, or refused
    /// before anything runs.
    ///
    /// # Errors
    /// [`ErrorKind::Value`] if the text is no number of bytes.
    pub fn with_memory(self, memory: &str) -> Result<Self> {
        Ok(Self { memory: Some(bytes("memory", memory)?), ..self })
    }

    /// Puts arrays aside in this folder when memory is short, instead of in the system's for temporary files. Nothing
    /// is left there.
    #[must_use]
    pub fn scratch_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), ..self }
    }

    /// Without one of the planner's passes: to see what it is good for, or to find a fault. The result has the same
    /// bits.
    #[must_use]
    pub fn without(self, pass: Pass) -> Self {
        Self { passes: self.passes.without(pass), ..self }
    }

    /// Until somebody uses the token.
    #[must_use]
    pub fn cancel(self, cancel: &Cancel) -> Self {
        Self { cancel: cancel.clone(), ..self }
    }

    /// What computing an array will do.
    ///
    /// # Errors
    /// That of a wrong operation; [`ErrorKind::Memory`] if the cap is too small.
    pub fn plan<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Plan> {
        self.plan_of(&[Arc::clone(&array.node)], false)
    }

    fn plan_of(&self, nodes: &[Arc<Node>], to_targets: bool) -> Result<Plan> {
        let wishes = Wishes {
            threads: self.threads.unwrap_or_else(available),
            memory: self.memory,
            passes: self.passes,
            folder: self.folder.clone().unwrap_or_else(std::env::temp_dir),
            to_targets,
        };
        plan::plan(nodes, wishes)
    }

    /// Computes all elements of an array.
    ///
    /// # Errors
    /// As [`plan`](Self::plan), and whatever keeps a source from being read.
    pub fn compute<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
    ) -> Result<ndarray::Array<T, D>> {
        self.compute_many(array)
    }

    /// Computes several arrays, given as a tuple of references. What they have in common is computed once, and
    /// reductions of one array in one pass over it.
    ///
    /// ```
    /// use tenfold_array::{Array, Settings};
    ///
    /// let x = Array::<f64, _>::ones([100, 100], 10);
    /// let (sum, most) = Settings::new().compute_many((&x.sum(), &x.max()))?;
    /// assert_eq!((sum.into_scalar(), most.into_scalar()), (10_000.0, 1.0));
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn compute_many<M: Many>(&self, arrays: M) -> Result<M::Computed> {
        let mut nodes = vec![];
        arrays.nodes(&mut nodes);
        let plan = self.plan_of(&nodes, false)?;
        let mut computed = plan.run(&self.cancel, &[])?.into_iter().map(Made::in_memory);
        arrays.computed(&mut computed)
    }

    /// Computes an array, and gives one that reads the elements in memory.
    ///
    /// # Errors
    /// As [`compute`](Self::compute).
    pub fn persist<T: Element, D: Dimension>(&self, array: &Array<T, D>) -> Result<Array<T, D>> {
        let node = &array.node;
        let plan = self.plan_of(&[Arc::clone(node)], false)?;
        let Some(elements) = plan.run(&self.cancel, &[])?.pop().map(Made::in_memory) else {
            return Ok(array.clone());
        };
        let key = crate::hash::Identity::of(("persisted", node.identity));
        Ok(Array::made(Op::Memory(elements), [], node.chunks.clone(), key, node.origin))
    }
}

impl Settings {
    /// Computes an array chunk by chunk into a target, such as a file: memory holds the chunks that are worked on.
    ///
    /// ```
    /// use tenfold_array::{Array, NpyFile, NpyWriter, Settings, ndarray::{Ix2, s}};
    ///
    /// let path = std::env::temp_dir().join(format!("tenfold-array-doc-store-{}.npy", std::process::id()));
    /// let x = Array::<f64, _>::ones([2000, 2000], 500);
    /// let file = NpyWriter::create(&path, &x.shape())?;
    /// Settings::new().with_memory("16MiB")?.store(&(&x + &x.t()), &file)?;
    /// file.finish()?;
    ///
    /// let x = Array::<f64, Ix2>::from_source(NpyFile::open(&path)?, "auto");
    /// assert_eq!(x.slice(s![7, 1999]).compute()?.into_scalar(), 2.0);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), tenfold_array::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`compute`](Self::compute); [`ErrorKind::Shape`] if the target has another shape; what the target says.
    pub fn store<T: Element, D: Dimension>(
        &self,
        array: &Array<T, D>,
        target: &impl Target<T>,
    ) -> Result<()> {
        array.check()?;
        let (shape, there) = (array.shape(), target.shape());
        if shape != there {
            let (shape, there) = (shape.as_slice(), there.as_slice());
            let sentence =
                format!("argument `target` has the shape {there:?}, but the array has {shape:?}");
            return Err(Error::new(ErrorKind::Shape, sentence));
        }
        let plan = self.plan_of(&[Arc::clone(&array.node)], true)?;
        let target: Box<dyn AnyTarget + '_> = Box::new(Remembered(target));
        plan.run(&self.cancel, &[target]).map(drop)
    }
}

/// Arrays that are computed together: a reference to one, or a tuple of them.
pub trait Many: Copy {
    /// What they become.
    type Computed;
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn nodes(self, nodes: &mut Vec<Arc<Node>>);
    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn computed(self, elements: &mut dyn Iterator<Item = Arc<Buffer>>) -> Result<Self::Computed>;
}

impl<T: Element, D: Dimension> Many for &Array<T, D> {
    type Computed = ndarray::Array<T, D>;

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn nodes(self, nodes: &mut Vec<Arc<Node>>) {
        nodes.push(Arc::clone(&self.node));
    }

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn computed(self, elements: &mut dyn Iterator<Item = Arc<Buffer>>) -> Result<Self::Computed> {
        let Some(elements) = elements.next() else {
            unreachable!("a plan has a result for each root")
        };
        let elements = match Arc::try_unwrap(elements) {
            Ok(own) => own.into_elements(),
            Err(shared) => shared.elements().to_vec(),
        };
        let shape = IxDyn(&self.shape());
        let array = ndarray::ArrayD::from_shape_vec(shape, elements)
            .and_then(ndarray::Array::into_dimensionality);
        array.map_err(|error| {
            Error::new(ErrorKind::Shape, "the result has another shape").because(error)
        })
    }
}

macro_rules! many {
    ($($name:ident),*) => {
        impl<$($name: Many),*> Many for ($($name,)*) {
            type Computed = ($($name::Computed,)*);

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn nodes(self, nodes: &mut Vec<Arc<Node>>) {
                #[expect(non_snake_case, reason = "each named by its type")]
                let ($($name,)*) = self;
                $($name.nodes(nodes);)*
            }

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn computed(self, elements: &mut dyn Iterator<Item = Arc<Buffer>>) -> Result<Self::Computed> {
                #[expect(non_snake_case, reason = "each named by its type")]
                let ($($name,)*) = self;
                Ok(($($name.computed(elements)?,)*))
            }
        }
    };
}
many!(A);
many!(A, B);
many!(A, B, C);
many!(A, B, C, E);
many!(A, B, C, E, F);
many!(A, B, C, E, F, G);
