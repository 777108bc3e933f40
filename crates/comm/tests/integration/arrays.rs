//! Arrays of ndarray as buffers.

use tenfold_comm::ndarray::{Array2, array, s};
use tenfold_comm::{Communicator, Error, ErrorKind, World};

use crate::watchdog::in_time;

/// From any layout to any layout, in logical order.
#[test]
fn views_of_any_layout() {
    in_time("views", || {
        let result = World::threads(2).run(|world| {
            let whole = Array2::from_shape_fn((4, 6), |(row, column)| 10 * row + column);
            let views = [
                whole.view(),
                whole.slice(s![1..3, ..]),
                whole.slice(s![.., 2..4]),
                whole.slice(s![..;-1, ..;2]),
                whole.t(),
            ];
            for view in views {
                if world.rank() == 0 {
                    world.send_array(&view, 1, 0)?;
                    continue;
                }
                // Into rows, and into columns.
                let mut rows = Array2::zeros(view.dim());
                let mut columns = Array2::zeros((view.dim().1, view.dim().0));
                let mut peek = vec![0; view.len()];
                world.mprobe(0, 0)?.recv(&mut peek)?;
                assert!(view.iter().eq(&peek));
                world.isend(peek, 1, 1)?.wait()?;
                world.recv_array(rows.view_mut(), 1, 1)?;
                world.isend(rows.iter().copied().collect(), 1, 1)?.wait()?;
                world.recv_array(columns.view_mut().reversed_axes(), 1, 1)?;
                assert_eq!((&rows, columns.t()), (&view.to_owned(), view));
            }
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

#[test]
fn a_broadcast_array() {
    in_time("bcast", || {
        let columns = World::threads(3).run(|world| {
            let mut a = Array2::from_elem((2, 3), world.rank());
            world.bcast_array(a.column_mut(1), 2)?;
            Ok::<_, Error>(a)
        });
        assert_eq!(columns.unwrap()[0], array![[0, 2, 0], [0, 2, 0]]);
    });
}

#[test]
fn an_array_that_is_too_small_is_left_alone() {
    in_time("small", || {
        let result = World::threads(1).run(|world| {
            world.send_array(&array![1, 2, 3], 0, 0)?;
            let mut a = Array2::<i32>::zeros((2, 2));
            let kind = world.recv_array(a.column_mut(0), 0, 0).unwrap_err().kind();
            assert_eq!(kind, ErrorKind::Truncated { sent: 3, room: 2, from: 0, tag: 0 });
            assert_eq!(a, Array2::zeros((2, 2)));
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}
