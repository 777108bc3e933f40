//! Operations that make windows of windows.

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::error::Result;
use crate::window::Window;

/// An operation that makes any window of its result from windows of its inputs.
pub(crate) trait Block: Send + Sync {
    /// What it is called in pictures and tables.
    fn name(&self) -> &str;

    /// The windows of its inputs that it holds at a time for a window of the result, each with the number of the
    /// input. A plan counts their bytes.
    fn needs(&self, window: &Window) -> SmallVec<[(usize, Window); 4]>;

    /// Fills `out`, which has as many elements as the window, dense, in row-major order.
    fn evaluate(&self, window: &Window, inputs: &mut dyn Read, out: &mut Buffer) -> Result<()>;
}

/// The inputs of a [`Block`].
pub(crate) trait Read {
    /// Fills `out` with the elements of a window of input `input`, dense, in row-major order.
    fn read(&mut self, input: usize, window: &Window, out: &mut Buffer) -> Result<()>;
}
