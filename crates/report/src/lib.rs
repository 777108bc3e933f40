//! Self-contained HTML pages, SVG charts, tables and trace JSON, without dependencies.
//!
//! It takes the place of Matplotlib, pandas' `to_html`, Bokeh's Dask dashboard and SnakeViz where
//! what you need is one file to send to a colleague. It draws no maps and no surfaces, has no
//! interaction beyond tooltips and folds, and is not for charts of a million points: for those
//! use a plotting library.
//!
//! ```
//! use tenfold_report::{Bar, BarChart, Html, Page, Tone, Unit};
//!
//! let chart = BarChart::log("heat 200×200", Unit::Seconds)
//!     .note("one cell update, less is better")
//!     .bar(Bar::new("naive", 2.8e-9).note("1×"))
//!     .bar(Bar::new("slices", 0.443e-9).note("6.3×"));
//! let page = Page::new("Ladder")
//!     .lead(Html::verdict("both rungs give the same answer", Tone::Good))
//!     .section("heat", "Heat equation", chart.to_html())
//!     .render();
//! assert!(page.len() < 12_000 && !page.contains("<script"));
//! ```
//!
//! # Overview
//!
//! [`Page`] is the document; its sections hold [`Html`], an owned fragment of trusted markup into
//! which text comes only escaped. Everything else turns into `Html` by `to_html`:
//!
//! - [`Table`] of [`Column`]s and [`Matrix`] (also `to_text` and `to_markdown`);
//! - [`BarChart`] of [`Bar`]s, and [`LineChart`] of [`Series`] over two [`Axis`] (also `to_svg`, a
//!   file for documents);
//! - [`Timeline`] of [`Lane`]s, and [`Flame`] of [`Frame`]s;
//! - [`SpaceTime`], lanes of [`Stretch`]es with [`Arrow`]s between them, which zooms;
//! - [`Listing`], whose lines carry a [`Mark`], and [`Annotated`] source, whose [`SourceLine`]s have
//!   tinted cells in columns and open;
//! - the blocks on `Html` itself, such as [`Html::facts`], and [`png_image`].
//!
//! [`Tone`] and [`Paint`] say which colour, [`Unit`] how a number is written. [`Trace`] writes
//! what Perfetto reads.
//!
//! Rendering cannot fail. A number that an axis cannot show (not finite, or not positive on a
//! logarithmic axis) is written `n/a` or counted below the chart, never drawn. Same input, same
//! bytes.
//!
//! # Cost
//!
//! One pass over the data into one `String`, no layout: bars and spans are placed in per cent and
//! the browser does the rest. The style sheet takes less than 8 kB of the page, and that of annotated
//! source 5 kB more where there is some; a bar takes about
//! half a kilobyte, a span about 120 bytes and its label. Time lines merge what is too thin to be seen, flame
//! graphs leave it out, so both are bounded by the screen and not by the data.

#![forbid(unsafe_code)]

mod annotated;
mod axis;
mod bar;
mod block;
mod escape;
mod flame;
mod html;
mod image;
mod label;
mod line;
mod listing;
mod matrix;
mod number;
mod page;
mod paint;
mod series;
mod spacetime;
mod svg;
mod table;
mod timeline;
mod trace;

pub use crate::{
    annotated::{Annotated, SourceLine},
    axis::Axis,
    bar::{Bar, BarChart},
    flame::{Flame, Frame},
    html::Html,
    image::png_image,
    line::LineChart,
    listing::{Listing, Mark},
    matrix::Matrix,
    number::{Unit, duration, geometric_mean, si},
    page::Page,
    paint::{Paint, Tone},
    series::Series,
    spacetime::{Arrow, SpaceTime, Stretch},
    table::{Column, Table},
    timeline::{Lane, Timeline},
    trace::{Trace, Track},
};

#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct ReadmeDoctests;
