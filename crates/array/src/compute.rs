//! What can be computed, and what can be computed together.

use std::sync::Arc;

use ndarray::{Dimension, IxDyn};

use crate::array::Array;
use crate::buffer::Buffer;
use crate::delayed::{self, Delayed, Results};
use crate::destination::Made;
use crate::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::executor::Listener;
use crate::node::Node;
use crate::plan::Place;
use crate::settings::Settings;

/// What can be computed: an [`Array`], a [`Delayed`] task, or what is [`Gathered`](crate::Gathered). For [`Settings::compute`].
pub trait Compute: Sealed {
    /// What it becomes.
    type Computed;

    #[doc(hidden)]
    fn compute_by(&self, settings: &Settings) -> Result<Self::Computed>;

    #[doc(hidden)]
    fn minimum_memory_by(&self, settings: &Settings) -> Result<usize>;
}

/// What is computed together: a reference to an [`Array`] or a [`Delayed`] task, a tuple of up to eight of these, or a
/// slice of one kind. For [`Settings::compute_many`].
pub trait Many: Copy + Sealed {
    /// What they become.
    type Computed;

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn ask(self, asked: &mut Asked);

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "for this crate alone")]
    fn take(self, answers: &mut Answers) -> Result<Self::Computed>;
}

/// What can be computed. Not for others.
#[expect(unnameable_types, reason = "it keeps others from being computed")]
pub trait Sealed {}

/// All that is computed together.
#[derive(Default)]
pub(crate) struct Asked {
    arrays: Vec<Arc<Node>>,
    tasks: Vec<Arc<delayed::Node>>,
}

/// What was computed together, to be taken in the order in which it was asked for.
pub(crate) struct Answers {
    arrays: std::vec::IntoIter<Made>,
    tasks: Results,
}

impl Asked {
    /// Computes the arrays and then the tasks, once it is known that both can be.
    pub(crate) fn answers(&self, settings: &Settings) -> Result<Answers> {
        let tasks = delayed::Together::new(&self.tasks)?;
        if self.arrays.is_empty() {
            return Ok(Answers { arrays: vec![].into_iter(), tasks: tasks.run(settings)? });
        }
        let plan = settings.plan_of(&self.arrays, |_| Place::Memory)?;
        // The results of the arrays are there while tasks run.
        let memory = settings.memory.map(|cap| cap.saturating_sub(plan.result_bytes()));
        let beside = settings.capped(memory);
        tasks.check_memory(&beside)?;
        let all = plan.tasks().saturating_add(tasks.len());
        let (settings, beside) = match settings.progress.as_ref() {
            Some(listener) if !self.tasks.is_empty() => {
                let begun = listener.begin(all, "chunks and tasks").map(Listener::Begun);
                (settings.telling(begun.clone()), beside.telling(begun))
            }
            _ => (settings.clone(), beside),
        };
        let arrays = plan.run(&settings, &[])?.into_iter();
        Ok(Answers { arrays, tasks: tasks.run(&beside)? })
    }
}

#[cfg(feature = "ranks")]
impl Asked {
    pub(crate) fn arrays(&self) -> &[Arc<Node>] {
        &self.arrays
    }

    /// # Errors
    /// [`ErrorKind::Unsupported`] if there are tasks.
    pub(crate) fn has_no_tasks(&self) -> Result<()> {
        let count = self.tasks.len();
        if count == 0 {
            return Ok(());
        }
        let sentence = format!("ranks compute arrays together, but {count} tasks were asked for");
        Err(Error::new(ErrorKind::Unsupported, sentence))
    }
}

#[cfg(feature = "ranks")]
impl Answers {
    /// Those of arrays alone.
    pub(crate) fn of_arrays(made: Vec<Made>) -> Result<Self> {
        let tasks = delayed::Together::new(&[])?.run(&Settings::new())?;
        Ok(Self { arrays: made.into_iter(), tasks })
    }
}

impl<T: Element, D: Dimension> Sealed for Array<T, D> {}
impl<T> Sealed for Delayed<T> {}
impl<T: Sealed> Sealed for &T {}
impl<T> Sealed for &[T] {}

impl<T: Element, D: Dimension> Compute for Array<T, D> {
    type Computed = ndarray::Array<T, D>;

    fn compute_by(&self, settings: &Settings) -> Result<Self::Computed> {
        settings.compute_many(self)
    }

    fn minimum_memory_by(&self, settings: &Settings) -> Result<usize> {
        settings.capped(None).plan(self).map(|plan| plan.minimum_memory())
    }
}

impl<T: Send + Sync + 'static> Compute for Delayed<T> {
    type Computed = T;

    fn compute_by(&self, settings: &Settings) -> Result<T> {
        delayed::Together::new(std::slice::from_ref(&self.node))?.run(settings)?.take()
    }

    fn minimum_memory_by(&self, _: &Settings) -> Result<usize> {
        delayed::Together::new(std::slice::from_ref(&self.node))?.minimum_memory()
    }
}

impl<T: Element, D: Dimension> Many for &Array<T, D> {
    type Computed = ndarray::Array<T, D>;

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn ask(self, asked: &mut Asked) {
        asked.arrays.push(Arc::clone(&self.node));
    }

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn take(self, answers: &mut Answers) -> Result<Self::Computed> {
        let Some(made) = answers.arrays.next() else {
            unreachable!("a plan has a result for each root")
        };
        to_ndarray(made.in_memory(), &self.shape())
    }
}

fn to_ndarray<T: Element, D: Dimension>(
    elements: Arc<Buffer>,
    shape: &[usize],
) -> Result<ndarray::Array<T, D>> {
    let elements = match Arc::try_unwrap(elements) {
        Ok(own) => own.into_elements(),
        Err(shared) => shared.elements().to_vec(),
    };
    let array = ndarray::ArrayD::from_shape_vec(IxDyn(shape), elements)
        .and_then(ndarray::Array::into_dimensionality);
    array.map_err(|error| {
        Error::new(ErrorKind::Shape, "the result has another shape").because(error)
    })
}

impl<T: Clone + Send + Sync + 'static> Many for &Delayed<T> {
    type Computed = T;

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn ask(self, asked: &mut Asked) {
        asked.tasks.push(Arc::clone(&self.node));
    }

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn take(self, answers: &mut Answers) -> Result<T> {
        answers.tasks.next()
    }
}

impl<'a, T> Many for &'a [T]
where
    &'a T: Many,
{
    type Computed = Vec<<&'a T as Many>::Computed>;

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn ask(self, asked: &mut Asked) {
        self.iter().for_each(|each| each.ask(asked));
    }

    #[expect(private_interfaces, reason = "for this crate alone")]
    fn take(self, answers: &mut Answers) -> Result<Self::Computed> {
        self.iter().map(|each| each.take(answers)).collect()
    }
}

macro_rules! tuples {
    ($($at:tt $name:ident),*) => {
        impl<$($name: Sealed),*> Sealed for ($($name,)*) {}

        impl<$($name: Many),*> Many for ($($name,)*) {
            type Computed = ($($name::Computed,)*);

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn ask(self, asked: &mut Asked) {
                $(self.$at.ask(asked);)*
            }

            #[expect(private_interfaces, reason = "for this crate alone")]
            fn take(self, answers: &mut Answers) -> Result<Self::Computed> {
                Ok(($(self.$at.take(answers)?,)*))
            }
        }
    };
}

tuples!(0 A);
tuples!(0 A, 1 B);
tuples!(0 A, 1 B, 2 C);
tuples!(0 A, 1 B, 2 C, 3 D);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G);
tuples!(0 A, 1 B, 2 C, 3 D, 4 E, 5 F, 6 G, 7 H);
