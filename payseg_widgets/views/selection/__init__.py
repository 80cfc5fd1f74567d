r"""A brush as a value: which customers, as an expression that can be read, typed, stored and applied to any table.

`Selection` is the value; `box` and `lasso` make one from what a brush drew over the cells of two `Grid` axes. The page's
JavaScript reads the same grammar and hits the same cells; both are stated here.

Grammar
-------
::

    selection   = conjunction , { ( "or" | "|" ) , conjunction } ;
    conjunction = negation , { ( "and" | "&" ) , negation } ;
    negation    = { "not" | "~" } , ( "(" , selection , ")" | condition ) ;
    condition   = "everything" | "nothing" | lasso | ids
                | column , comparison , value
                | column , [ "not" ] , "in" , list
                | column , [ "not" ] , "between" , number , "and" , number        (* both ends included *)
                | column , "is" , [ "not" ] , ( "missing" | "present" )
                | number , comparison , column
                | number , ( "<" | "<=" ) , column , ( "<" | "<=" ) , number
                | number , ( ">" | ">=" ) , column , ( ">" | ">=" ) , number ;
    ids         = "customer_id" , ( ( "==" | "!=" ) , text | [ "not" ] , "in" , list ) ;  (* of texts *)
    lasso       = "lasso" , "(" , axis , "," , axis , "," , "(" , corner , { "," , corner } , ")" , ")" ;
    axis        = column , ( "linear" | "log" ) , "(" , number , "," , number , "," , number , ")" ;
                                                                   (* low, high, whole number of cells *)
    corner      = number , number ;                                (* whole numbers: cells across and up *)
    list        = "(" , value , { "," , value } , ")" | "[" , value , { "," , value } , "]" ;
    value       = number | text ;                                  (* a list holds only one of the two *)
    comparison  = ">" | ">=" | "<" | "<=" | "==" | "!=" ;          (* texts: only == and != *)
    column      = word | "`" , { character | escape } , "`" ;
    text        = '"' , { character | escape } , '"' | "'" , { character | escape } , "'" ;
    escape      = "\" , ( '"' | "'" | "`" | "\" | "/" | "b" | "f" | "n" | "r" | "t" | "u" , 4 * hex digit ) ;
    number      = [ "+" | "-" ] , ( digits , [ "." , [ digits ] ] | "." , digits ) , [ exponent | "%" ] ;
    exponent    = ( "e" | "E" ) , [ "+" | "-" ] , digits ;
    word        = ( letter | "_" ) , { letter | digit | "_" } ;    (* A-Z a-z 0-9; no keyword *)

Tokens may have blanks, tabs and line ends between them and are as long as can be. Keywords are ``and or not in is between
missing present everything nothing lasso``, in any case. A percent sign shifts the decimal point by two places: ``40%`` and
``0.4`` are the same double. ``column in (v)`` with one value is ``column == v``. At most 100 parentheses stand in each other, and
``and``, ``or`` and ``not`` alternate at most 100 deep.

Meaning
-------
A comparison with a missing value is false (``!=`` too), and ``not`` turns false into true: a customer without a mean delay
is selected by ``not mean_days_late > 30``. Ask for ``mean_days_late is present`` where that is not meant.

Geometry
--------
A `Grid` cuts an axis into ``n`` cells with the edges ``linspace(low, high, n + 1)``, on a log axis the exponentials of a
linspace of logarithms with ``low`` and ``high`` themselves at the ends. The code of a value is
``searchsorted(edges, value, side="right") - 1``, and ``n - 1`` for ``high``; 65535, which no brush hits, for a missing or
infinite value and for one outside the axis. (`Grid.of` shows every finite value of its column, on a log axis every value from
2.2e-308 up, so that only a later table can have values outside.)

A box over the cells ``i0`` to ``i1`` is ``edges[i0] <= value < edges[i1 + 1]``, with ``<=`` at the end of the axis. That is
the same customers, since codes and edges are made for each other.

A lasso is a polygon with corners in whole cells. The customer in cell ``(x, y)`` is inside if the number of sides
``(xi, yi)-(xj, yj)`` with ``(yi > y) != (yj > y)`` and ``x < (xj - xi) * (y - yi) / (yj - yi) + xi`` is odd, worked out without
the division: with the corners of a side ordered so that ``yi < yj``, ``(x - xi) * (yj - yi) < (y - yi) * (xj - xi)``. Corners lie
within 2 ** 17 cells of the first cell, so these products are exact in doubles.
"""

from payseg_widgets.views.selection.conditions import box, lasso, one_of
from payseg_widgets.views.selection.expression import Selection
from payseg_widgets.views.selection.grids import NO_CELL, Grid, lasso_hits

__all__ = ["NO_CELL", "Grid", "Selection", "box", "lasso", "lasso_hits", "one_of"]
