//! Kernels of tenfold-kernel on a device.

use tenfold_kernel::__private::{Elementwise as IsElementwise, Stencil as IsStencil};
use tenfold_kernel::Kernel;

use crate::device::Device;
use crate::elementwise::Elementwise;
use crate::stencil::Stencil;

/// Adds `on(&device)` to kernels: elementwise ones, reductions and stencils.
///
/// ```
/// use tenfold_gpu::{Device, OnDevice as _, Select, ndarray::array};
/// use tenfold_kernel::kernel;
///
/// #[kernel]
/// fn saxpy(a: f32, x: f32, y: f32) -> f32 {
///     a * x + y
/// }
///
/// #[kernel(reduce(sum))]
/// fn dot(x: f32, y: f32) -> f32 {
///     x * y
/// }
///
/// #[kernel(stencil, border = reflect)]
/// fn smooth(u: tenfold_kernel::Nbr1<f32>) -> f32 {
///     0.25 * u[-1] + 0.5 * u[0] + 0.25 * u[1]
/// }
///
/// # let Ok(device) = Device::open(Select::env().allow_software(true)) else { return Ok(()) };
/// let x = device.upload(&array![[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]])?;
/// let y = device.upload(&array![10.0_f32, 20.0, 30.0])?;
/// let z = saxpy::on(&device).map((2.0, &x, &y))?;
/// assert_eq!(z.to_array()?, array![[12.0, 24.0, 36.0], [18.0, 30.0, 42.0]]);
/// assert_eq!(dot::on(&device).reduce((&x, &y))?, 460.0);
/// let smoothed = smooth::on(&device).steps(100, &y)?;
/// assert_eq!(smoothed.shape(), [3]);
/// # Ok::<(), tenfold_gpu::Error>(())
/// ```
///
/// Numbers are those of [`Scalar`](crate::Scalar): devices have no integers of 8 and 16 bits, and complex
/// numbers are not there yet. A kernel for several types is told which: `affine::on::<f64, _>(&device)`.
pub trait OnDevice: Sized {
    /// The kernel on a device. Its text is compiled when it first runs, and kept.
    #[must_use]
    fn on<T, Form>(device: &Device) -> <Self as Runs<T, Form>>::Runner
    where
        Self: Runs<T, Form>,
    {
        Self::runner(device)
    }
}

impl<K> OnDevice for K {}

/// Kernels that run on devices, by the type of their elements.
#[doc(hidden)]
pub trait Runs<T, Form> {
    /// What runs it.
    type Runner;
    fn runner(device: &Device) -> Self::Runner;
}

/// Marks elementwise kernels, and reductions, which are such and more.
#[doc(hidden)]
#[derive(Debug)]
#[expect(unnameable_types, reason = "it tells two implementations apart")]
pub enum OfElements {}

/// Marks stencils.
#[doc(hidden)]
#[derive(Debug)]
#[expect(unnameable_types, reason = "it tells two implementations apart")]
pub enum OfStencils {}

impl<K, T> Runs<T, OfElements> for K
where
    K: Kernel<T> + IsElementwise<T>,
{
    type Runner = Elementwise<K, T>;
    fn runner(device: &Device) -> Elementwise<K, T> {
        Elementwise::new(device)
    }
}

impl<K, T> Runs<T, OfStencils> for K
where
    K: Kernel<T> + IsStencil<T>,
{
    type Runner = Stencil<K, T>;
    fn runner(device: &Device) -> Stencil<K, T> {
        Stencil::new(device)
    }
}
