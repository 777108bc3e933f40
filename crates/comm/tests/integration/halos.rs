//! Ghost layers: what is refused, and what is seen and kept.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use tenfold_comm::ndarray::{Array1, Array2, Array3, arr0};
use tenfold_comm::{
    Analysis, CallKind, Cartesian, Cause, Communicator, Error, ErrorKind, Halo, ThreadComm,
    Tracing, World,
};

use crate::watchdog::in_time;

fn sentence<R>(result: Result<R, Error>) -> String {
    result.map(drop).unwrap_err().to_string()
}

#[test]
fn halos_name_what_they_refuse() {
    let max = usize::MAX;
    let grid = Cartesian::new(&[2, 1], &[true, false]).unwrap();
    let halo = |rank, widths: &[usize]| Halo::<f64>::new(&grid, rank, widths);
    assert_eq!(sentence(halo(0, &[1])), "`widths` has 1 elements, the call needs 2");
    assert_eq!(sentence(halo(2, &[1, 1])), "`rank` is 2, but the communicator has 2 ranks, from 0");
    let wide = halo(1, &[1, max]).unwrap();
    assert_eq!(
        sentence(wide.padded(&[4, 4])),
        format!("`shape[1]` is 4, and with it all are more than {max}")
    );
    assert_eq!(sentence(wide.padded(&[4])), "`shape` has 1 elements, the call needs 2");
    let small = Array2::zeros((4, 4));
    assert_eq!(
        sentence(wide.interior(small.view())),
        format!("`array.shape()[1]` is 4, with ghosts of width {max} it must be at least {max}")
    );
    assert_eq!(
        sentence(wide.rim(&[4, 4])),
        format!("`shape[1]` is 4, with ghosts of width {max} it must be at least {max}")
    );
    assert_eq!(sentence(wide.core(&[4])), "`shape` has 1 elements, the call needs 2");
    assert_eq!(sentence(grid.block(&[9], 1)), "`shape` has 1 elements, the call needs 2");
    assert_eq!(
        sentence(grid.block(&[9, 9], 2)),
        "`rank` is 2, but the communicator has 2 ranks, from 0"
    );
    assert_eq!(grid.block(&[1, 9], 1).unwrap(), [1..1, 0..9]);
}

#[test]
fn exchanges_name_what_they_refuse() {
    in_time("refused halos", || {
        let result = World::threads(2).run(|world| {
            let (rank, other) = (world.rank(), 1 - world.rank());
            let grid = Cartesian::new(&[2, 1], &[true, false])?;
            let mut halo = Halo::new(&grid, rank, &[2, 1])?;
            let mut narrow = Array2::<f64>::zeros((5, 9));
            assert_eq!(
                sentence(halo.exchange(world, narrow.view_mut())),
                "`array.shape()[0]` is 5, with ghosts of width 2 it must be at least 6"
            );
            // Without neighbours there is nothing to send along the other one.
            let mut thin = Array2::<f64>::zeros((6, 1));
            assert_eq!(
                sentence(halo.exchange(world, thin.view_mut())),
                "`array.shape()[1]` is 1, with ghosts of width 1 it must be at least 2"
            );
            let mut none = Array2::<f64>::zeros((6, 2));
            halo.exchange(world, none.view_mut())?;
            let mut space = Array3::<f64>::zeros((9, 9, 9));
            assert_eq!(
                sentence(halo.exchange(world, space.view_mut())),
                "`array.shape()` has 3 elements, the call needs 2"
            );
            let mut others = Halo::new(&grid, other, &[2, 1])?;
            assert_eq!(
                sentence(others.exchange(world, none.view_mut())),
                format!("`comm.rank()` is {rank}, it must be the rank that the halo was made for")
            );
            let alone = world.split(Some(u32::from(rank == 0)), 0)?.unwrap();
            assert_eq!(
                sentence(halo.exchange(&alone, none.view_mut())),
                "the grid has 2 places, `comm` has 1 ranks"
            );
            let run = halo.exchange_while(world, narrow.view_mut(), |_| panic!("not run"));
            assert_eq!(
                run.unwrap_err().kind(),
                ErrorKind::Ghosts {
                    argument: "array.shape()",
                    axis: 0,
                    width: 2,
                    length: 5,
                    needed: 6
                }
            );
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// What a program does wrong on a communicator of its own, and that another is good afterwards.
fn wrong(
    ranks: usize,
    program: impl Fn(&ThreadComm, &Cartesian) -> Result<(), Error> + Sync,
    must: impl Fn(ErrorKind) -> bool + Sync,
) {
    let result = World::threads(ranks).run(|world| {
        let grid = Cartesian::new(&[ranks, 1], &[true, false])?;
        let kind = program(&world.dup()?, &grid).unwrap_err().kind();
        assert!(must(kind), "{kind:?}");
        let mut halo = Halo::new(&grid, world.rank(), &[1, 0])?;
        let mut block = Array2::from_elem((3, 2), world.rank());
        halo.exchange(world, block.view_mut())?;
        let before = (world.rank() + ranks - 1) % ranks;
        assert_eq!(block[[0, 1]], before);
        Ok::<_, Error>(())
    });
    result.unwrap();
}

/// Each rank hears of it from its neighbours.
#[test]
fn blocks_that_do_not_fit_together() {
    in_time("blocks", || {
        for ranks in [2, 3] {
            let columns = |world: &ThreadComm, grid: &Cartesian| {
                let mut halo = Halo::new(grid, world.rank(), &[1, 0])?;
                halo.exchange(world, Array2::<i64>::zeros((5, 3 + world.rank())).view_mut())
            };
            wrong(ranks, columns, |kind| matches!(kind, ErrorKind::CountMismatch { .. }));
            let widths = |world: &ThreadComm, grid: &Cartesian| {
                let mut halo = Halo::new(grid, world.rank(), &[1 + world.rank(), 0])?;
                halo.exchange(world, Array2::<i64>::zeros((19, 3)).view_mut())
            };
            wrong(ranks, widths, |kind| matches!(kind, ErrorKind::CountMismatch { .. }));
        }
        let types = |world: &ThreadComm, grid: &Cartesian| match world.rank() {
            0 => Halo::new(grid, 0, &[1, 0])?
                .exchange(world, Array2::<u32>::zeros((5, 3)).view_mut()),
            rank => Halo::new(grid, rank, &[1, 0])?.exchange_while(
                world,
                Array2::<f32>::zeros((5, 3)).view_mut(),
                |_| (),
            ),
        };
        wrong(2, types, |kind| matches!(kind, ErrorKind::Type { .. }));
        let collectives = |world: &ThreadComm, grid: &Cartesian| match world.rank() {
            0 => grid.neighbor_allgather(world, &[1_u32; 3], &mut [0; 12]),
            rank => Halo::new(grid, rank, &[1, 0])?
                .exchange(world, Array2::<u32>::zeros((5, 3)).view_mut()),
        };
        wrong(2, collectives, |kind| matches!(kind, ErrorKind::CollectiveMismatch { .. }));
    });
}

/// One rank without axes, an array of one element, and blocks without places of their own.
#[test]
fn nothing_to_exchange() {
    in_time("nothing", || {
        let result = World::threads(1).run(|world| {
            let point = Cartesian::new(&[], &[])?;
            let mut halo = Halo::new(&point, 0, &[])?;
            let mut one = arr0(7);
            halo.exchange(world, one.view_mut())?;
            assert_eq!(halo.exchange_while(world, one.view_mut(), |own| own.sum())?, 7);
            assert_eq!(halo.rim(&[])?, [[]; 0]);
            let ring = Cartesian::new(&[1, 1], &[true, true])?;
            let mut halo = Halo::new(&ring, 0, &[1, 0])?;
            let mut empty = Array2::<f64>::zeros((3, 0));
            halo.exchange(world, empty.view_mut())?;
            halo.star().exchange(world, empty.view_mut())
        });
        result.unwrap();
    });
}

/// What is under way is taken back.
#[test]
fn a_body_that_panics() {
    in_time("panics", || {
        for ranks in [1, 3] {
            let result = World::threads(ranks).run(|world| {
                let grid = Cartesian::new(&[ranks], &[true])?;
                let mut halo = Halo::new(&grid, world.rank(), &[1000])?.star();
                let mut block = Array1::<f64>::zeros(4000);
                halo.exchange_while(world, block.view_mut(), |_| {
                    assert!(world.rank() > 0, "on purpose");
                })?;
                world.barrier()
            });
            assert!(matches!(result.unwrap_err().into_cause(), Cause::Panic(_)));
        }
    });
}

#[test]
fn a_struct_has_ghosts_too() {
    in_time("vectors", || {
        let result = World::threads(2).run(|world| {
            let grid = Cartesian::new(&[2], &[true])?;
            let mut halo = Halo::new(&grid, world.rank(), &[1])?;
            let mut block = Array1::from_elem(3, [world.rank() as f32, 0.5]);
            halo.exchange(world, block.view_mut())?;
            let other = [1.0 - world.rank() as f32, 0.5];
            assert_eq!(block.to_vec(), [other, [world.rank() as f32, 0.5], other]);
            Ok::<_, Error>(())
        });
        result.unwrap();
    });
}

/// What is late for an exchange that goes on meanwhile is waited for at its end, and that is seen.
#[cfg(not(miri))]
#[test]
fn an_exchange_that_goes_on_is_recorded_as_one() {
    in_time("recorded", || {
        let is_there = AtomicBool::new(false);
        let (result, report) = World::threads(2).traced(Tracing::new().quiet()).run(|world| {
            let row = Cartesian::new(&[2], &[false])?;
            let mut halo = Halo::new(&row, world.rank(), &[1])?;
            let mut array = Array1::<f64>::zeros(6);
            if world.rank() == 1 {
                is_there.store(true, Ordering::Relaxed);
            } else {
                while !is_there.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                thread::sleep(Duration::from_millis(100));
            }
            halo.exchange_while(world, array.view_mut(), |_| ())
        });
        result.unwrap();
        for log in &report.trace.ranks {
            let [start, wait] = log.events[..] else { panic!("{:?}", log.events) };
            assert_eq!((start.kind, start.sequence), (CallKind::Exchange, 0));
            assert_eq!((wait.kind, wait.request()), (CallKind::Wait, start.request()));
            assert!(start.request().is_some());
        }
        let analysis = Analysis::of(&report.trace);
        let late = &analysis.waits()[0];
        let who = (late.rank, late.call, late.late_rank, late.late_call);
        assert_eq!(who, (1, CallKind::Wait, 0, CallKind::Exchange), "{analysis}");
        assert_eq!(analysis.ranks()[1].waiting_ns(), analysis.ranks()[1].collective_ns);
    });
}
