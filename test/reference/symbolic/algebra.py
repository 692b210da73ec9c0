"""Writes algebra.json: what SymPy's functions make of expressions.

A case is input, args and options: kind(input, *args, **options) gives output, as SymPy prints it. Symbols are plain
but for those in `symbols`, which names their assumptions.
"""

import json

from sympy import (
    Derivative, Symbol, apart, cancel, collect, cse, default_sort_key, diff, expand, expand_log, expand_mul,
    expand_power_base, expand_power_exp, expand_trig, factor, idiff, limit, linsolve, logcombine, nroots,
    powsimp, series, simplify, solve, together, trigsimp,
)  # fmt: skip

from common import alone, parse, write

POSITIVE = {name: ["positive"] for name in "xyzabc"}

SUBS = """
x**2 + 1 ; [(x, 2)]
x**2 + 1 ; [(x, 1/2)]
x**2 + 1 ; [(x, y)]
x**2 + 1 ; [(x, y + 1)]
x**2 + x*y ; [(x, 2), (y, 3)]
x**2 + x*y ; [(x, y), (y, x)]
x + y ; [(x, y), (y, z)]
x + 2*y ; [(y, x), (x, y)]
x*y*z ; [(x, 0)]
x/y ; [(x, 0)]
1/x ; [(x, 2/3)]
1/x ; [(x, 0)]
(x + y)**2 ; [(x + y, z)]
x + y + z ; [(x + y, z)]
x*y*z ; [(x*y, z)]
x**4 + x**2 + 1 ; [(x**2, y)]
x**3 ; [(x**2, y)]
x**6 ; [(x**3, y)]
x**2*y**2 ; [(x*y, z)]
sin(x)**2 + sin(x) ; [(sin(x), y)]
sin(x) + cos(x) ; [(x, 0)]
sin(x) + cos(x) ; [(x, pi)]
sin(x) ; [(x, pi/3)]
tan(x) ; [(x, pi/2)]
exp(x) ; [(x, 0)]
exp(x) ; [(x, log(y))]
exp(x) ; [(x, I*pi)]
exp(2*x) ; [(exp(x), y)]
exp(2*x) + exp(x) ; [(exp(x), y)]
log(x) ; [(x, 1)]
log(x) ; [(x, E)]
log(x) ; [(x, exp(3))]
sqrt(x) ; [(x, 4)]
sqrt(x) ; [(x, 8)]
sqrt(x) ; [(x, -1)]
sqrt(x) ; [(x, 1/2)]
x**y ; [(x, 2), (y, 10)]
x**y ; [(y, 1/2)]
x**y ; [(y, 0)]
2**x ; [(x, -3)]
(x + 1)*(x - 1) ; [(x, 1)]
(x**2 - 1)/(x - 1) ; [(x, 3)]
x**2 + y**2 ; [(x, cos(z)), (y, sin(z))]
Abs(x) ; [(x, -3)]
Max(x, y) ; [(x, 1), (y, 2)]
Heaviside(x) ; [(x, -2)]
Piecewise((x, x > 0), (0, True)) ; [(x, 5)]
Piecewise((x, x > 0), (0, True)) ; [(x, -5)]
Piecewise((x, x > y), (y, True)) ; [(y, 2)]
floor(x) ; [(x, 7/2)]
x**2 + 0.5*x ; [(x, 2)]
x**2 ; [(x, 0.1)]
gamma(x) ; [(x, 5)]
erf(x) ; [(x, 0)]
atan2(y, x) ; [(y, 1), (x, 1)]
f(x) ; [(x, 2)]
f(x) + f(y) ; [(f(x), y)]
x > 1 ; [(x, 2)]
Eq(x, y) ; [(y, x)]
"""

XREPLACE = """
x + 2*y ; {x: y, y: x}
x - y ; {x: y, y: x}
x**y ; {x: y, y: x}
x/y ; {x: y, y: x}
x + y + z ; {x: y, y: z, z: x}
x**2*y + z ; {x: y, y: z, z: x}
sin(x)*cos(y) ; {x: y, y: x}
(x + y)**2 ; {x + y: z}
x + y + z ; {x + y: z}
x*y*z ; {x*y: z}
x**4 + x**2 ; {x**2: y}
exp(2*x) + exp(x) ; {exp(x): y}
f(x) + x ; {x: y}
sin(x)**2 ; {sin(x): x}
x**2 + 1 ; {x: 3}
log(x) ; {x: exp(y)}
"""

COLLECT = """
x*y + x ; x
x*y + x*z + y ; x
x**2 + y*x**2 + x*y + y + z*y ; x
x**2 + y*x**2 + x*y + y + z*y ; y
a*x**2 + b*x**2 + a*x - b*x + c ; x
x**2*y + x*y**2 + x*y ; x*y
3*x**2 + 5*x + x**2*y - 2*x*z ; x
x*y*z + x*y + x*z + y*z ; [x, y]
x**2 + x**3*y + x**2*y + x ; x
a*exp(x) + b*exp(x) ; exp(x)
a*sin(x) + b*sin(x) + c ; sin(x)
a*log(x) + b*log(x)*y + c ; log(x)
a*sqrt(x) + b*sqrt(x) ; sqrt(x)
a*x + b*x + a*y + b*y ; [x, y]
a*x + b*x + a*y + b*y ; a
2*x + 4*y + x*y ; x
x/3 + x/2 + y*x ; x
x**a*y + x**a*z ; x**a
(x + 1)*a + (x + 1)*b ; x + 1
a*x**2 + b*x + c + d*x**2 + e_1*x ; x
x**2/y + x**2*z + x/y ; x
x*y - x*z - x ; x
-x*y - x ; x
a*x**4 + b*x**2 + c*x**4 + d*x**2 ; x**2
a*f(x) + b*f(x) ; f(x)
x**-1*a + x**-1*b ; 1/x
x*(y + 1) + x*z ; x
a*x*y + b*x*y + c*x ; [x, y]
"""

CANCEL = """
(x**2 - 1)/(x - 1)
(x**2 + 2*x + 1)/(x**2 + x)
(x**3 - 1)/(x**2 - 1)
(x**2 - 5*x + 6)/(x**2 - 4)
(2*x**2 - 2)/(4*x - 4)
(x/2 + 1/2)/(x + 1)
1/x + (3*x/2 - 2)/(x - 4)
(x*y**2 - 2*x*y*z + x*z**2 + y**2 - 2*y*z + z**2)/(x**2 - 1)
(x**2 - y**2)/(x + y)
(x**3 - y**3)/(x**2 - y**2)
(x**4 - y**4)/(x - y)
(a*x + a*y)/(b*x + b*y)
x/(x*y)
x*y/(x*y)
(sin(x)**2 - 1)/(sin(x) - 1)
(exp(2*x) - 1)/(exp(x) - 1)
(sqrt(x)**2 - 1)/(sqrt(x) - 1)
(x - 1)/(sqrt(x) - 1)
(x - sqrt(2))*(x + sqrt(2))/(x**2 - 2)
1/(1 + 1/x)
1/(1/x + 1/y)
(1/x - 1/y)/(x - y)
x + 1/(x + 1)
(-x - 1)/(x + 1)
(1 - x)/(x - 1)
1/(2 - 2*x)
(x**2 + 1)/(2*x**2 + 2)
(x + 1)/(x/3 - 1/2)
(3*x + 6)/(9*x)
(x**2 - 2*x)/(2*x**3)
(f(x)**2 - 1)/(f(x) + 1)
(x**2 - 1)*y/(x + 1) + y
"""

TOGETHER = """
1/x + 1/y
1/x + 1/y + 1/z
1/x + 1
x + 1/x
x/y + y/x
1/(x + 1) + 1/(x - 1)
1/(x + 1) - 1/x
1/(x*y) + 1/y**2
1/(1 + 1/x)
1/(1 + 1/x) + 1/(1 + 1/y)
1/x**2 + 1/x**3
x/2 + y/3
x/2 + 1/x
(x + 1)/2 + 1/3
1/(2*x) + 1/(3*y)
exp(x) + 1/exp(x)
1/sin(x) + 1/cos(x)
sin(1/x + 1/y)
exp(1/x + 1)
1/sqrt(x) + sqrt(x)
1/sqrt(x) + 1/x
x**(-2*y) + x**(-y)
(1/x + 1/y)**2
sqrt(1 + 1/x)
1/(x**2 - 1) + 1/(x - 1)
a/b + c/d
a/b - c
-1/x - 1/y
1/(x - y) + 1/(y - x)
Eq(1/x + 1/y, 1)
"""

APART = """
1/(x*(x + 1))
1/((x + 2)*(x + 1))
(x + 1)/(x - 1)
1/(x**2 - 1)
1/(x**2 + 1)
1/(x**3 + 1)
1/(x**4 - 1)
1/(x**4 + 1)
1/(x**4 + 4)
x/(x**2 - 3*x + 2)
x**3/(x**2 - 1)
x**4/(x**3 - x)
1/(x*(x - 1)**2)
1/(x**2*(x + 1)**2)
1/(x**2 + 1)**2
x/(x**2 + 1)**2
(x**2 + 1)/(x*(x + 1)**3)
(3*x**2 + 2*x + 1)/((x + 1)*(x**2 + 1))
(4*x**3 + 21*x**2 + 10*x + 12)/(x**4 + 5*x**3 + 5*x**2 + 4*x)
1/(x**2 - 2)
1/(2*x**2 + 3*x + 1)
1/(6*x**2 - 5*x + 1)
(x - 1/2)/(x**2 - 1/4)
x**5/(x**2 + x + 1)
1/(x**6 - 1)
(x**2 + x + 1)/(x**3 - x)
1/((x**2 + 1)*(x**2 + 4))
1/((x - 1)*(x - 2)*(x - 3)*(x - 4))
1/(x - 1)**3
x**2/(x - 1)**3
1/((x + y)*x) ; x
1/(x**2 - y**2) ; x
1/(x**2 - y**2) ; y
y/(x*(x + y)) ; x
1/((x - a)*(x - b)) ; x
x/((x - a)*(x - b)) ; x
1/(x*(a*x + b)) ; x
(x + y)/(x - y) ; x
"""

FACTOR = """
x**2 - 1
x**2 + 2*x + 1
x**2 + 1
x**2 - 2
x**2 - 5*x + 6
6*x**2 + 5*x - 6
2*x**2 - 8
x**2/4 - 1
x**2/2 + x + 1/2
x**3 - 1
x**3 + 8
x**3 - 3*x + 2
x**3 - x**2 - x + 1
x**4 - 1
x**4 + 4
x**4 + 1
x**4 - 16
x**4 + x**2 + 1
x**4 - 2*x**2 + 1
x**5 - 1
x**5 + x + 1
x**5 - x**4 - 2*x**3 + 2*x**2 + x - 1
x**6 - 1
x**6 + 1
x**6 - 64
x**6 + 3*x**5 + 3*x**4 + x**3
x**7 - x
x**8 - 1
x**8 + x**4 + 1
x**8 - 40*x**6 + 352*x**4 - 960*x**2 + 576
x**9 - 1
x**10 - 1
x**10 + x**5 + 1
x**12 - 1
x**12 + 1
x**12 - 4096
-x**2 + 1
-x**3 + 2*x**2 - x
30*x**3 - 60*x**2 + 30*x
x**2 - y**2
x**2 + 2*x*y + y**2
x**3 - y**3
x**4 - y**4
x**6 - y**6
x**2*y - y
x**2*y + x*y**2
x*y + x + y + 1
x*y*z + x*y + x*z + y*z + x + y + z + 1
2*x**2*y - 4*x*y + 2*y
4*x**2 - 9*y**2
x**2*y**2 - z**2
x**2 + y**2
x**2 - y**2 - 2*y*z - z**2
x**2 + 2*x*y + y**2 - 1
x**3 + y**3 + z**3 - 3*x*y*z
x**2*(y - z) + y**2*(z - x) + z**2*(x - y)
a*c + a*d + b*c + b*d
a**2 + 2*a*b + b**2 - c**2
(x + y)**2 - z**2
x**2/9 - y**2/4
x/y - y/x
x/(x**2 - 1) + 1/(x + 1)
1/(x**2 + 2*x + 1)
(x**2 - 1)/(x**2 + 3*x + 2)
sin(x)**2 - 1
sin(x)**2 + 2*sin(x)*cos(x) + cos(x)**2
exp(2*x) - 1
exp(2*x) + 2*exp(x) + 1
x*log(x) + x
x*exp(x) - exp(x)
sqrt(x)*x + sqrt(x)
2*x + 2*y
x/2 + y/2
x**2*f(x) - f(x)
x**2 + 0.0
15*x**4 - 11*x**3 - 14*x**2 + 5*x + 2
x**11 + x**10 + x**9 + x**8 + x**7 + x**6 + x**5 + x**4 + x**3 + x**2 + x + 1
"""

FACTOR_EXTENDED = """
x**2 - 2 ; {"extension": "sqrt(2)"}
x**2 + 1 ; {"extension": "I"}
x**4 + 1 ; {"extension": "I"}
x**2 + 4 ; {"gaussian": true}
x**2 + 4 ; {"modulus": 5}
x**4 + 1 ; {"modulus": 3}
"""

POWSIMP = """
x**y*x**z
x**2*x**y
x**a*y**a
2**x*2**y
2**x*3**x
2**x*4**x
2*2**x
x*x**y
x**y/x
x**y/x**z
exp(x)*exp(y)
exp(x)*exp(y)*exp(x)
exp(x)*exp(-y)
exp(x)**2*exp(y)
exp(x)*x**y*x
E*exp(x)
x**(1/2)*x**(1/3)
x**a*x**(-a)
(x**a)**b
(x*y)**a*(x*y)**b
sqrt(x)*sqrt(y)
sqrt(2)*sqrt(3)
sqrt(2)*2**x
2**x*2**(-x)
(1/2)**x*2**y
x**y*x**y
x**y*z**y
x**a*x**b*y**c
(x + 1)**a*(x + 1)**b
(x + 1)**a/(x + 1)
sin(x)**a*sin(x)**b
exp(x**2*x**y)
x**(2*y)*x**(-y) + 1
x**y*x**z + x**z*x
2**(2*x)*3**x
8**x/2**x
6**x/3**x
a**x*b**x*c**x
"""

POWSIMP_POSITIVE = """
x**a*y**a
(x**a)**b
(x*y)**a*(x*y)**b
sqrt(x)*sqrt(y)
sqrt(x)*sqrt(y)*sqrt(z)
x**a/y**a
x**(1/3)*y**(1/3)
2**a*x**a
x**a*x**b*y**a
sqrt(x)*sqrt(x*y)
x**(2*a)*y**a
"""

TRIGSIMP = """
sin(x)**2 + cos(x)**2
sin(x)**2 + cos(x)**2 + 1
1 - sin(x)**2
1 - cos(x)**2
cos(x)**2 - 1
sin(x)**2 - 1
2*sin(x)**2 + 2*cos(x)**2
y*sin(x)**2 + y*cos(x)**2
sin(x)**2*cos(y)**2 + cos(x)**2*cos(y)**2
1 + tan(x)**2
1 + cot(x)**2
sec(x)**2 - 1
sin(x)/cos(x)
cos(x)/sin(x)
sin(x)*cos(x)
2*sin(x)*cos(x)
cos(x)**2 - sin(x)**2
sin(x)**4 - 2*cos(x)**2*sin(x)**2 + cos(x)**4
sin(x)**4 - cos(x)**4
sin(x)*cos(y) + cos(x)*sin(y)
sin(x)*cos(y) - cos(x)*sin(y)
cos(x)*cos(y) - sin(x)*sin(y)
cos(x)*cos(y) + sin(x)*sin(y)
sin(x)*tan(x)
sin(x)*sec(x)
tan(x)*cot(x)
tan(x)*cos(x)
sin(x)**3 + sin(x)*cos(x)**2
cos(x) + cos(x)*tan(x)**2
(1 - sin(x)**2)/cos(x)
sin(x)/tan(x)
sin(2*x)/sin(x)
sin(2*x)/(2*cos(x))
(sin(x) + cos(x))**2
tan(x)**2/(1 + tan(x)**2)
cosh(x)**2 - sinh(x)**2
cosh(x)**2 + sinh(x)**2
1 - tanh(x)**2
sinh(x)/cosh(x)
2*sinh(x)*cosh(x)
cosh(x)**2 - 1
sinh(x)*cosh(y) + cosh(x)*sinh(y)
log(sin(x)**2 + cos(x)**2 + 1)
exp(sin(x)**2 + cos(x)**2)
sin(x)**2 + cos(x)**2 + sin(y)**2 + cos(y)**2
sin(x)**2 + cos(x)**2 + tan(y)*cos(y)
"""

LOGCOMBINE = """
log(x) + log(y)
log(x) - log(y)
2*log(x)
-log(x)
a*log(x)
a*log(x) + b*log(y)
a*log(x) + log(y) - log(z)
log(x) + log(y) + log(z)
log(x)/2
3*log(x) + 2*log(y)
log(x) + 1
log(x)*log(y)
log(x)**2 + log(y)
2*log(x)*log(y)
log(x + 1) + log(x)
log(x + y) - log(x*y)
x*log(y) + log(y)
log(2) + log(3)
log(x) + log(2)
2*log(2) + log(x)
exp(log(x) + log(y))
sin(log(x) - log(y))
log(x)/log(y)
log(x) - 2*log(y) + 3*log(z)
"""

SIMPLIFY = """
sin(x)**2 + cos(x)**2
(x**2 + 2*x + 1)/(x + 1)
(x**3 + x**2 - x - 1)/(x**2 + 2*x + 1)
gamma(x)/gamma(x - 2)
gamma(x + 1)/gamma(x)
factorial(x)/factorial(x - 1)
x**2 + 2*x + 1
(x + 1)**2
(x + 1)*(x - 1)
(x + y)*(x - y) + y**2
x*(x + 1) - x**2
2*x + 3*x - y
1/x + 1/y
1/(x + 1) + 1/(x - 1)
(1/x + 1/y)/(x + y)
x/(x*y) + y/(x*y)
(x**2 - y**2)/(x - y)
x*y/(x*y)
exp(x)*exp(y)
exp(x)*exp(-x)
exp(x)/exp(y)
exp(log(x) + 1)
exp(2*log(x))
log(x) + log(y)
log(exp(x))
log(x**2)/log(x)
sqrt(x)*sqrt(x)
sqrt(x**2)
sqrt(8)
sqrt(12) + sqrt(27)
1/sqrt(2)
1/(sqrt(2) + 1)
sqrt(5 + 2*sqrt(6))
2**x*3**x
x**y*x**z
x**2*x**y
sin(x)/cos(x)
2*sin(x)*cos(x)
sin(x)*cos(y) + cos(x)*sin(y)
cos(x)**2 - sin(x)**2
1 + tan(x)**2
(1 - cos(x)**2)/sin(x)
(1 - cos(2*x))/2
tan(x)*cos(x)
sin(x)**4 - cos(x)**4
cosh(x)**2 - sinh(x)**2
(exp(x) - exp(-x))/2
(exp(x) + exp(-x))/2
(exp(x) - exp(-x))/(exp(x) + exp(-x))
exp(I*x) + exp(-I*x)
1/(1 + exp(-x))
exp(-x)/(1 + exp(-x))**2
1 - 1/(1 + exp(-x))
x/2 + x/3
x/(1 + 1/x)
1/(1 + 1/(1 + 1/x))
((x + 1)**2 - (x - 1)**2)/x
(x + 1)**3 - x**3 - 3*x**2 - 3*x
(a*x + a*y)/(x + y)
a*x + b*x
x**2*y + x**2*z
Abs(x)**2
Piecewise((x, x > 0), (x, True))
Piecewise((sin(x)**2 + cos(x)**2, x > 0), (0, True))
x*sin(y)**2 + x*cos(y)**2
erf(x) + erfc(x)
-(-x - y)
0.5*x + 0.5*x
log(2*x) - log(2)
(sqrt(x) + 1)*(sqrt(x) - 1)
(x**(1/3))**3
I**2 + x
(x - 1)/(1 - x)
sqrt(x**2 + 2*x + 1)
(2**x)**2
4**x/2**x
"""

SIMPLIFY_POSITIVE = """
sqrt(x**2)
sqrt(x)*sqrt(y)
log(x) + log(y)
log(x*y) - log(x)
log(x**2)
exp(log(x)/2)
sqrt(x**2*y)
(x**a)**b
x**a*y**a
Abs(x*y)
sqrt(x**2 + 2*x*y + y**2)
sqrt(x/y)*sqrt(y)
"""

EXPAND = """
(x + 1)**2 ; {}
(x + y)**3 ; {}
(x + y)*(x - y) ; {}
x*(y + z) ; {}
(x + 1)*(y + 1)*(z + 1) ; {}
((x + 1)*(y + 1))**2 ; {}
(x + 1)**2/y ; {}
y/(x + 1)**2 ; {}
(x + 1)*exp(x + y) ; {}
exp(x + y) ; {}
2**(x + y) ; {}
x**(y + z) ; {}
(x*y)**z ; {}
(x*y)**2 ; {}
(2*x)**y ; {}
log(x*y) ; {}
log(2*x) ; {}
sin(x + y) ; {}
sin((x + 1)**2) ; {}
(sin(x) + 1)**2 ; {}
(x + 1)**(1/2)*(x + 1) ; {}
(x + 1)**(5/2) ; {}
(sqrt(x) + 1)**2 ; {}
(x + 1)**-2 ; {}
(x + I)**2 ; {}
gamma(x + 2) ; {}
gamma(x + 2) ; {"func": true}
(x + y)**2*(x + 1) ; {"deep": false}
sin((x + 1)*x) ; {"deep": false}
(x + 1)*(x + 2) ; {"mul": false}
(x + 1)**2 ; {"multinomial": false}
(x + 1)/((x + 2)*(x + 3)) ; {"frac": true}
(x + 1)/((x + 2)*(x + 3)) ; {"denom": true}
(x + 1)*(x + 2)/(x*(x + 3)) ; {"numer": true}
(x + 3)**3 ; {"modulus": 2}
sin(x + y) ; {"trig": true}
cos(2*x) ; {"trig": true}
"""

EXPAND_TRIG = """
sin(x + y)
sin(x - y)
cos(x + y)
cos(x - y)
tan(x + y)
sin(2*x)
cos(2*x)
tan(2*x)
sin(3*x)
cos(3*x)
cos(4*x)
sin(x + y + z)
sin(2*x + y)
sin(2*(x + y))
x*sin(x + y)
sinh(x + y)
cosh(x + y)
tanh(x + y)
sinh(2*x)
cosh(2*x)
sin(x + 1)
cos(x + 2)
exp(sin(x + y))
"""

EXPAND_LOG = """
log(x*y)
log(x/y)
log(x**2)
log(x**a)
log(x*y*z)
log(2*x)
log(x**2*y**3)
log(sqrt(x*y))
log(x/(y*z))
log(1/x)
log(8*x)
log((x + 1)*y)
log(x*y)**2
x*log(x*y)
log(exp(x)*y)
log(log(x*y))
log(6)
log(x**a*y**b)
"""

EXPAND_LOG_PLAIN = """
log(x*y)
log(x**2)
log(2*x)
log(6)
log(exp(x))
"""

EXPAND_POWER_EXP = """
x**(y + 2)
x**(y + z)
2**(x + 1)
2**(x + y)
exp(x + y)
exp(x + 1)
(x + y)**(z + 2)
x**(2*y + z)
x**(a*(b + c))
exp(x*(y + z))
"""

EXPAND_POWER_BASE = """
(x*y)**2
(x*y)**z
(2*x)**y
(2*x*y)**z
(x*y)**(1/2)
(3*x)**(1/2)
(x*(y*z)**a)**b
((x*y)**z)**a
sin((x*y)**z)
(x/y)**z
(-x)**y
(x*(y + z))**a
"""

EXPAND_POWER_BASE_FORCED = """
(x*y)**z
(2*x)**y
(x*(y*z)**a)**b
(x/y)**z
"""

EXPAND_MUL = """
x*(y + z)
(x + y)*(x - y)
(x + y)**2
x*y*(x + y)
exp((x + y)*z)
x*log(x*y)*(y + 1)
(x + 1)*(y + 1)*(z + 1)
(x + y)/z
(x + 1)*(x + y)**2
2*(x + y)*z
"""

CSE = """
x + y
(x + y)**2 + (x + y)
(x + y)**2 + sqrt(x + y)
sin(x + y) + cos(x + y)
exp(x)*sin(exp(x))
exp(-x**2)*x + exp(-x**2)
(x*y + z)*(x*y - z)
sqrt(x**2 + y**2) + 1/sqrt(x**2 + y**2)
1/(1 + exp(-x))*(1 - 1/(1 + exp(-x)))
sin(x)**2 + sin(x) + 1
x**2 + x**4 + x**6
x*y*z + x*y + y*z
2*x + 2*y + (x + y)**2
log(x + 1)/(x + 1)
exp(x)/(exp(x) + exp(y)) + exp(y)/(exp(x) + exp(y))
sin(x)*cos(x) + tan(x)
(x - y)**2 + (y - x)**3
x**y + x**(2*y)
a*b*c + a*b*d + a*b
(a + b)*(a + c) + (a + b + c)
f(x + 1) + g(x + 1)
Max(x + y, 0) + (x + y)
x0 + sin(x0 + y) + cos(x0 + y)
[x + y, (x + y)**2]
[sin(x), cos(x), sin(x)*cos(x)]
[x*y, x*y + 1, x*y*z]
[exp(x), exp(2*x), exp(-x)]
[x**2 + y, sqrt(x**2 + y), 1/(x**2 + y)]
[x + 1, y + 1]
[-x - y, x + y]
[a*x + b, (a*x + b)**2, 2*a*(a*x + b)]
[1 + exp(-x), 1/(1 + exp(-x))]
[sin(x*y)/x, y*cos(x*y), x*cos(x*y)]
"""

SERIES = """
exp(x)
exp(-x)
exp(2*x)
exp(x**2)
exp(-x**2/2)
exp(sin(x))
exp(x)*sin(x)
exp(x)/(1 - x)
exp(x)*cos(x)
sin(x)
cos(x)
tan(x)
sec(x)
sin(2*x)
sin(x**2)
sin(x)**2
cos(x)**2
sin(x)/x
(1 - cos(x))/x**2
(sin(x) - x)/x**3
sin(sin(x))
sin(x)*cos(x)
cos(sin(x))
tan(x)**2
log(1 + x)
log(1 - x)
log(1 + x**2)
log(1 + x)/x
log(1 + sin(x))
log(cos(x))
log(1 + exp(x))
log(1 + x)**2
log((1 + x)/(1 - x))
1/(1 - x)
1/(1 + x)
1/(1 + x**2)
1/(1 - x - x**2)
1/(1 - x)**2
x/(1 - x)**2
x/(exp(x) - 1)
1/(1 + exp(-x))
1/(2 + x)
1/cos(x)
sqrt(1 + x)
sqrt(1 - x**2)
1/sqrt(1 - x)
1/sqrt(1 - x**2)
(1 + x)**(1/3)
(1 + x)**y
(1 + x)**x
sqrt(4 + x)
asin(x)
acos(x)
atan(x)
sinh(x)
cosh(x)
tanh(x)
asinh(x)
atanh(x)
erf(x)
erfc(x)
x**3 + 2*x + 1
x**8 + x
(1 + x)**10
a*x**2 + b*x + c
exp(a*x)
sin(x + y)
1/(a + x)
f(x)
1/x
1/x**2 + x
1/sin(x)
1/(exp(x) - 1)
cot(x)
1/tan(x)
1/sinh(x)
1/(x*(1 + x))
1/(x**2*(1 - x))
1/(1 - cos(x))
cos(x)/x
exp(x)/x**3
1/log(1 + x)
1/sin(x)**2
log(x)
x*log(x)
log(sin(x))
log(x)*sin(x)
log(x + x**2)
log(x)/(1 - x)
x**x
exp(x)*log(x)
sqrt(x)
sqrt(x)*exp(x)
sin(sqrt(x))
sqrt(x + x**2)
sqrt(sin(x))
gamma(1 + x)
gamma(x)
"""

SERIES_ELSEWHERE = """
exp(x) ; x, 1, 4
sin(x) ; x, pi/2, 6
cos(x) ; x, pi, 6
log(x) ; x, 1, 6
log(x) ; x, 2, 4
sqrt(x) ; x, 1, 5
sqrt(x) ; x, 4, 4
1/x ; x, 1, 5
1/x ; x, 2, 4
1/(x - 1) ; x, 1, 4
x**3 ; x, 1, 6
1/(x**2 - 1) ; x, 1, 4
tan(x) ; x, pi/4, 4
atan(x) ; x, 1, 4
exp(x) ; x, a, 3
sin(x) ; x, 0, 10
cos(x) ; x, 0, 3
tan(x) ; x, 0, 8
exp(x) ; x, 0, 1
exp(x*y) ; x, 0, 4
exp(x*y) ; y, 0, 4
1/(1 - x) ; x, 0, 12
x**x ; x, 1, 4
"""

LIMIT = """
sin(x)/x ; x, 0
sin(3*x)/x ; x, 0
sin(3*x)/sin(5*x) ; x, 0
tan(x)/x ; x, 0
(1 - cos(x))/x ; x, 0
(1 - cos(x))/x**2 ; x, 0
(sin(x) - x)/x**3 ; x, 0
(tan(x) - sin(x))/x**3 ; x, 0
(exp(x) - 1)/x ; x, 0
(exp(x) - 1 - x)/x**2 ; x, 0
(exp(2*x) - 1)/sin(x) ; x, 0
(exp(x) - exp(-x))/x ; x, 0
log(1 + x)/x ; x, 0
(log(1 + x) - x)/x**2 ; x, 0
log(cos(x))/x**2 ; x, 0
(2**x - 1)/x ; x, 0
(2**x - 3**x)/x ; x, 0
(a**x - 1)/x ; x, 0
asin(x)/x ; x, 0
atan(x)/x ; x, 0
(x - sin(x))/(x - tan(x)) ; x, 0
(sqrt(1 + x) - 1)/x ; x, 0
(sqrt(1 + x) - sqrt(1 - x))/x ; x, 0
((1 + x)**(1/3) - 1)/x ; x, 0
((1 + x)**a - 1)/x ; x, 0
x*sin(1/x) ; x, 0
x**2*sin(1/x) ; x, 0
x*log(x) ; x, 0
x**2*log(x) ; x, 0
sqrt(x)*log(x) ; x, 0
x**x ; x, 0
x**sin(x) ; x, 0
sin(x)**x ; x, 0
(1 + x)**(1/x) ; x, 0
(1 + 2*x)**(3/x) ; x, 0
cos(x)**(1/x**2) ; x, 0
(sin(x)/x)**(1/x**2) ; x, 0
1/x - 1/sin(x) ; x, 0
1/x - 1/(exp(x) - 1) ; x, 0
1/x**2 - 1/sin(x)**2 ; x, 0
cot(x) - 1/x ; x, 0
(x**2 - 1)/(x - 1) ; x, 1
(x**3 - 8)/(x - 2) ; x, 2
(x**2 - 5*x + 6)/(x - 3) ; x, 3
(sqrt(x) - 2)/(x - 4) ; x, 4
(x**3 - 1)/(x**2 - 1) ; x, 1
log(x)/(x - 1) ; x, 1
x**(1/(1 - x)) ; x, 1
1/log(x) - 1/(x - 1) ; x, 1
(x**y - 1)/(x - 1) ; x, 1
(cos(x) + 1)/(x - pi)**2 ; x, pi
(1 - sin(x))/cos(x)**2 ; x, pi/2
x**2 + 3*x + 1 ; x, 2
x**2 ; x, a
sin(x) ; x, a
(sin(x) - sin(a))/(x - a) ; x, a
((x + y)**3 - x**3)/y ; y, 0
(sin(x + y) - sin(x))/y ; y, 0
(exp(x + y) - exp(x))/y ; y, 0
(1/(x + y) - 1/x)/y ; y, 0
1/x ; x, 0, "+"
1/x ; x, 0, "-"
1/x**2 ; x, 0
1/x**3 ; x, 0, "-"
Abs(x)/x ; x, 0, "+"
Abs(x)/x ; x, 0, "-"
sign(x) ; x, 0, "+"
sign(x) ; x, 0, "-"
exp(1/x) ; x, 0, "+"
exp(1/x) ; x, 0, "-"
1/(1 + exp(1/x)) ; x, 0, "+"
1/(1 + exp(1/x)) ; x, 0, "-"
1/(x - 1) ; x, 1, "-"
(x + 1)/(x - 2) ; x, 2, "+"
log(x) ; x, 0, "+"
tan(x) ; x, pi/2, "-"
tan(x) ; x, pi/2, "+"
atan(1/x) ; x, 0, "+"
atan(1/x) ; x, 0, "-"
floor(x) ; x, 2, "+"
floor(x) ; x, 2, "-"
sqrt(x) ; x, 0
1/x ; x, oo
1/x ; x, -oo
x**2 ; x, oo
x**3 ; x, -oo
-x ; x, oo
exp(x) ; x, oo
exp(x) ; x, -oo
exp(-x) ; x, oo
log(x) ; x, oo
sqrt(x) ; x, oo
sin(x) ; x, oo
sin(x)/x ; x, oo
cos(x)/x**2 ; x, oo
atan(x) ; x, oo
atan(x) ; x, -oo
tanh(x) ; x, oo
tanh(x) ; x, -oo
erf(x) ; x, oo
1/(1 + exp(-x)) ; x, oo
1/(1 + exp(-x)) ; x, -oo
x/(1 + exp(-x)) ; x, -oo
log(1 + exp(x)) ; x, -oo
log(1 + exp(x))/x ; x, oo
log(1 + exp(x)) - x ; x, oo
(2*x + 1)/(x - 3) ; x, oo
(3*x**2 + 1)/(2*x**2 - x) ; x, oo
(x**2 + 1)/(x + 1) ; x, oo
(x + 1)/(x**2 + 1) ; x, oo
(x**3 + x)/(x**2 - 1) ; x, -oo
x/sqrt(x**2 + 1) ; x, oo
x/sqrt(x**2 + 1) ; x, -oo
sqrt(x**2 + x) - x ; x, oo
sqrt(x + 1) - sqrt(x) ; x, oo
sqrt(x**2 + 1) - x ; x, oo
x - sqrt(x**2 - x) ; x, oo
(x**3 + x**2)**(1/3) - x ; x, oo
log(x)/x ; x, oo
log(x)/sqrt(x) ; x, oo
log(x)**2/x ; x, oo
x/log(x) ; x, oo
log(log(x))/log(x) ; x, oo
x**2/exp(x) ; x, oo
x**10*exp(-x) ; x, oo
exp(x)/x**5 ; x, oo
exp(x)/2**x ; x, oo
2**x/3**x ; x, oo
x**100/2**x ; x, oo
exp(x**2)/exp(x) ; x, oo
exp(x)/exp(exp(x)) ; x, oo
x*exp(x) ; x, -oo
x*sin(1/x) ; x, oo
x*(exp(1/x) - 1) ; x, oo
x*(pi/2 - atan(x)) ; x, oo
x**(1/x) ; x, oo
(1 + 1/x)**x ; x, oo
(1 - 1/x)**x ; x, oo
(1 + 2/x)**x ; x, oo
(1 + a/x)**x ; x, oo
(1 + 1/x)**(2*x) ; x, oo
(1 + 1/x**2)**x ; x, oo
((x + 1)/(x - 1))**x ; x, oo
(x**2 + 1)**(1/log(x)) ; x, oo
(2**x + 3**x)**(1/x) ; x, oo
(exp(x) + x)**(1/x) ; x, oo
x*(log(x + 1) - log(x)) ; x, oo
sinh(x)/exp(x) ; x, oo
(exp(x) - exp(-x))/(exp(x) + exp(-x)) ; x, oo
gamma(x)/exp(x) ; x, oo
"""

SOLVE = """
x - 1 ; x
2*x + 3 ; x
x**2 - 4 ; x
x**2 - 2 ; x
x**2 + 1 ; x
x**2 ; x
x**2 - 2*x + 1 ; x
x**2 - 5*x + 6 ; x
x**2 + x + 1 ; x
x**2 - x - 1 ; x
6*x**2 + 5*x - 6 ; x
x**2/2 - x/3 - 1 ; x
x**3 - x ; x
x**3 - 1 ; x
x**3 + 8 ; x
x**3 - 6*x**2 + 11*x - 6 ; x
x**3 - 2*x**2 - x + 2 ; x
x**3 - 3*x + 2 ; x
x**3 - 2 ; x
x**4 - 1 ; x
x**4 - 16 ; x
x**4 - 5*x**2 + 4 ; x
x**4 - 2*x**2 + 1 ; x
x**4 - 10*x**2 + 1 ; x
x**4 + 1 ; x
x**4 + x**2 ; x
x*(x - 1)*(x + 2) ; x
(x**2 - 1)/(x - 1) ; x
1/x - 2 ; x
1/x + 1/(x - 1) ; x
x + 1/x - 2 ; x
Eq(x**2, 9) ; x
Eq(2*x + 1, 7) ; x
Eq(x, x**2) ; x
a*x + b ; x
a*x**2 + b*x + c ; x
a*x**2 - b ; x
x**2 - a ; x
x**2 - a**2 ; x
x**2 + 2*a*x + a**2 ; x
x**2 - (a + b)*x + a*b ; x
x**2 - 2*a*x + b ; x
a*x**2 + b*x + c ; a
a*x**2 + b*x + c ; b
x**2 + y**2 - 1 ; y
x*y - 1 ; y
x*y + x - y ; y
y - (2*x + 1)/(x - 3) ; x
exp(x) - 1 ; x
exp(x) - 2 ; x
exp(2*x) - 3*exp(x) + 2 ; x
log(x) - 1 ; x
log(x) - y ; x
2**x - 8 ; x
sqrt(x) - 2 ; x
sqrt(x + 1) - 3 ; x
sqrt(x) - x ; x
sin(x) ; x
cos(x) - 1 ; x
sin(x) - 1/2 ; x
x ; y
1 ; x
0.5*x - 1 ; x
"""

SOLVE_SYSTEMS = """
[x + y - 3, x - y - 1] ; [x, y]
[2*x + 3*y - 5, 4*x - y - 3] ; [x, y]
[x + y - 1, 2*x + 2*y - 2] ; [x, y]
[x + y - 1, x + y - 2] ; [x, y]
[x + y + z - 6, 2*y + 5*z + 4, 2*x + 5*y - z - 27] ; [x, y, z]
[x + 2*y - z - 4, 2*x - y + z - 1, x + y + z - 3] ; [x, y, z]
[x + y + z - 1, x - y] ; [x, y, z]
[x/2 + y/3 - 1, x - y] ; [x, y]
[Eq(x + y, 10), Eq(x - y, 4)] ; [x, y]
[a*x + b*y - c, x - y] ; [x, y]
[a*x + b*y - 1, c*x + d*y - 1] ; [x, y]
[x + y - a, x - y - b] ; [x, y]
[a*x + y, x + a*y - 1] ; [x, y]
[x + y + z - a, x - y - b, y - z - c] ; [x, y, z]
[x - 1] ; [x]
[x**2 - 1] ; [x]
[x**2 + y**2 - 5, x - y - 1] ; [x, y]
[x*y - 6, x + y - 5] ; [x, y]
[x**2 - y, y - 4] ; [x, y]
[x**2 - y**2, x + y - 2] ; [x, y]
[x**2 + y**2 - 1, x - y] ; [x, y]
"""

LINSOLVE = """
[x + y - 3, x - y - 1] ; [x, y]
[x + y + z - 1, x - y] ; [x, y, z]
[x + y - 1, x + y - 2] ; [x, y]
[a*x + b*y - c, x - y] ; [x, y]
[x + 2*y - 1, 2*x + 4*y - 2] ; [x, y]
[x/2 - y/3 - 1, x + y] ; [x, y]
[x + y - a, x - y - b] ; [x, y]
"""

NROOTS = """
x**2 - 2
x**2 + 1
x**2 - x - 1
x**2 + x + 1
x**3 - 2
x**3 - x - 1
x**3 - 6*x**2 + 11*x - 6
x**4 + 1
x**4 - 10*x**2 + 1
x**4 - 2*x**3 + x - 5
x**5 - x - 1
x**5 - 1
x**5 - 5*x + 12
x**6 - x - 1
x**7 - 3*x**2 + 1
x**8 - 2
10*x**2 - x/3 + 1/7
3*x**3 - 2*x**2 + x/5 - 1
x**4 - 3*x**2 + 2
x**10 - x**3 + 1
"""

MATRICES = """
Matrix([[2]]) ; det inv eigenvals charpoly rref nullspace rank trace
Matrix([[1, 2], [3, 4]]) ; det inv eigenvals charpoly rref nullspace rank trace transpose adjugate
Matrix([[2, 0], [0, 3]]) ; det inv eigenvals charpoly rref
Matrix([[2, 1], [1, 2]]) ; det inv eigenvals charpoly
Matrix([[1, 1], [1, 0]]) ; eigenvals charpoly inv
Matrix([[0, -1], [1, 0]]) ; det inv eigenvals charpoly
Matrix([[1, 2], [2, 4]]) ; det eigenvals rref nullspace rank charpoly columnspace
Matrix([[1, 1], [0, 1]]) ; eigenvals inv det
Matrix([[1/2, 1/3], [1/4, 1/5]]) ; det inv rref
Matrix([[2, -1, 0], [-1, 2, -1], [0, -1, 2]]) ; det inv eigenvals charpoly
Matrix([[1, 2, 3], [4, 5, 6], [7, 8, 9]]) ; det eigenvals charpoly rref nullspace rank
Matrix([[1, 2, 3], [0, 1, 4], [5, 6, 0]]) ; det inv charpoly adjugate
Matrix([[3, 1, 1], [1, 3, 1], [1, 1, 3]]) ; det inv eigenvals charpoly
Matrix([[1, 0, 0], [0, 2, 0], [0, 0, 2]]) ; eigenvals charpoly
Matrix([[1, 2, 1, 3], [2, 4, 0, 2], [3, 6, 1, 5]]) ; rref nullspace rank
Matrix([[1, 2], [3, 4], [5, 6]]) ; rref nullspace rank transpose
Matrix([[0, 0], [0, 0]]) ; det rref nullspace eigenvals rank
Matrix([[1, 1, 1], [0, 0, 0], [1, 2, 3]]) ; rref nullspace det
Matrix([[4, 3, 2, 1], [3, 4, 3, 2], [2, 3, 4, 3], [1, 2, 3, 4]]) ; det inv
Matrix([[1, x], [x, 1]]) ; det inv eigenvals charpoly
Matrix([[x, y], [y, x]]) ; det inv eigenvals
Matrix([[a, b], [c, d]]) ; det inv eigenvals charpoly trace adjugate
Matrix([[cos(x), -sin(x)], [sin(x), cos(x)]]) ; det trace
Matrix([[1, x, x**2], [1, y, y**2], [1, z, z**2]]) ; det
Matrix([[x, 1, 0], [1, x, 1], [0, 1, x]]) ; det charpoly
Matrix([[a, 0, 0], [0, b, 0], [0, 0, c]]) ; det inv eigenvals
Matrix([[x, 1], [2*x, 2]]) ; rref nullspace det
Matrix([[a, b, c], [b, c, a], [c, a, b]]) ; det
Matrix([[1, 2], [3, 4]])*Matrix([[0, 1], [1, 0]]) ; det
Matrix([[1, 2], [3, 4]]) + Matrix([[x, 0], [0, y]]) ; det inv
Matrix([[1, 2], [3, 4]])**3 ; det
"""

DIFF_FUNCTIONS = """
f(x) ; x
f(x)**2 ; x
f(x)*g(x) ; x
f(x)/g(x) ; x
x*f(x) ; x
x**2*f(x) ; x
f(x) + g(x) ; x
f(y) ; x
f(x, y) ; x
f(x, y) ; x, y
f(x, y) ; y, x
f(x) ; x, x
f(x)*g(x) ; x, x
f(2*x) ; x
f(x**2) ; x
f(x + 1) ; x
f(x*y) ; x
f(-x) ; x
f(sin(x)) ; x
f(g(x)) ; x
f(g(x))*x ; x
f(g(h(x))) ; x
f(x, g(x)) ; x
f(x, x) ; x
f(x, x**2) ; x
f(g(x), h(x)) ; x
f(x**2, y) ; x
f(x**2) ; x, x
f(g(x)) ; x, x
sin(f(x)) ; x
exp(f(x)) ; x
log(f(x)) ; x
sqrt(f(x)) ; x
f(x)**g(x) ; x
f(x)**3 ; x
x**f(x) ; x
1/f(x) ; x
atan(f(x)) ; x
sin(f(x))*cos(g(x)) ; x
f(x)*exp(x) ; x
exp(-f(x)**2) ; x
f(log(x)) ; x
f(x)*g(y) ; x, y
f(f(x)) ; x
Derivative(f(x), x) ; x
Derivative(f(x), x)*x ; x
Derivative(f(x, y), y) ; x
f(x) ; y
f(x)**2 ; f(x)
f(x)*Derivative(f(x), x) ; f(x)
Derivative(f(x), x)**2 ; Derivative(f(x), x)
"""

IDIFF = """
x**2 + y**2 - 4 ; y, x
x**2 + y**2 - 4 ; y, x, 2
x*y - 1 ; y, x
x*y - 1 ; y, x, 2
x**3 + y**3 - 6*x*y ; y, x
y**2 - x**3 ; y, x
sin(y) - x ; y, x
exp(y) - x ; y, x
x + y + 1 ; y, x
x + a + y ; y, x
x**2 + x*y + y**2 - 3 ; y, x
sin(x*y) - x ; y, x
x*exp(y) - y ; y, x
x**2*y - y**3 - 1 ; y, x
sqrt(x) + sqrt(y) - 1 ; y, x
x**2/a**2 + y**2/b**2 - 1 ; y, x
log(x*y) - x ; y, x
cos(x + y) - y ; y, x
"""

DERIVATIVE = """
x**2 ; x
x**2 ; x, x
x**2 ; x, 3
x**2*y ; x, y
x**2*y ; y, x
sin(x*y) ; x, 2, y
f(x) ; x
f(x) ; x, 2
f(x, y) ; x, y
f(x, y) ; y, x
f(x, y) ; x, 2, y, 3
f(x)*x ; x
sin(x)*f(x) ; x
2*x ; x
y ; x
1 ; x
"""

DOIT = """
Derivative(x**2, x)
Derivative(sin(x)*x, x, 2)
Derivative(f(x)*x, x)
Derivative(x**2*y, x, y)
x*Derivative(exp(2*x), x) + 1
Derivative(Derivative(x**3, x), x)
Subs(x**2 + y, x, 3)
Subs(Derivative(x**3, x), x, 2)
Subs(Derivative(f(x), x), x, 0)
Subs(f(x, y), (x, y), (1, 2))
"""

EVALF = """
pi
E
sqrt(2)
sqrt(3)
GoldenRatio
EulerGamma
Catalan
1/3
22/7
exp(1)
exp(-1)
exp(pi)
pi**E
exp(pi*sqrt(163))
log(2)
log(10)
log(3)/log(2)
sin(1)
cos(1)
tan(1)
sin(pi/7)
cos(10**10)
sin(10**20)
asin(1/3)
acos(1/3)
atan(2)
atan(1/239)
sinh(1)
cosh(1)
tanh(1/2)
asinh(1)
acosh(2)
atanh(1/2)
2**(1/3)
2**sqrt(2)
pi**pi
sqrt(2) + sqrt(3)
sqrt(2)*pi
1/(1 + exp(-1))
log(1 + exp(1))
exp(-1/2)/sqrt(2*pi)
cos(pi/5) - 1/4
erf(1)
erfc(2)
gamma(1/3)
gamma(1/2)
loggamma(10)
digamma(1)
polygamma(1, 1/3)
factorial(20)
atan2(-1, -2)
exp(100)
exp(-100)
10**30/7
1/10**20/3
sin(exp(5))
log(log(10))
sqrt(2 + sqrt(2 + sqrt(2)))
"""

MATRIX_METHODS = {
    "charpoly": lambda m, x: m.charpoly(x).as_expr(),
    "transpose": lambda m: m.T,
}

cases = []


def parts(line):
    """The fields of a line of a table, and of its second field the arguments, at the commas outside brackets."""
    text, _, rest = line.partition(" ; ")
    args, depth = [""], 0
    for letter in rest:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            args.append("")
        else:
            args[-1] += letter
    return text, [arg.strip() for arg in args if arg]


def show(value):
    """str, with matrices on one line inside lists too, and a dict in the order of its keys."""
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(show, value))}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {value[key]}" for key in sorted(value, key=default_sort_key)) + "}"
    return str(value)


def add(kind, call, text, args=(), options=None, symbols=None):
    """One case: call has the input, args and options parsed; an argument in quotes stays a string."""
    with alone(f"{kind} {text} {args}"):
        source = parse(text, symbols)
        if symbols:
            names = [s.name for s in getattr(source, "free_symbols", ())]
            symbols = {name: symbols[name] for name in sorted(names) if name in symbols}
        values = [arg.strip('"') if arg.startswith('"') else parse(arg, symbols) for arg in args]
        named = {key: parse(word) if isinstance(word, str) else word for key, word in (options or {}).items()}
        output = call(source, *values, **named)
    case = {"kind": kind, "input": text}
    extra = {"args": [arg.strip('"') for arg in args], "options": options, "symbols": symbols}
    cases.append(case | {key: part for key, part in extra.items() if part} | {"output": show(output)})


def add_table(kind, call, table, symbols=None, options=None):
    for line in table.strip().splitlines():
        add(kind, call, *parts(line), options, symbols)


def add_with_options(kind, call, table):
    for line in table.strip().splitlines():
        text, _, options = line.partition(" ; ")
        add(kind, call, text, (), json.loads(options))


add_table("subs", lambda e, pairs: e.subs(pairs), SUBS)
add_table("xreplace", lambda e, rule: e.xreplace(rule), XREPLACE)
add_table("collect", collect, COLLECT)
add_table("cancel", cancel, CANCEL)
add_table("together", together, TOGETHER)
add_table("apart", apart, APART)
add_table("factor", factor, FACTOR)
add_with_options("factor", factor, FACTOR_EXTENDED)
add_table("powsimp", powsimp, POWSIMP)
add_table("powsimp", powsimp, POWSIMP_POSITIVE, POSITIVE)
add_table("trigsimp", trigsimp, TRIGSIMP)
add_table("logcombine", logcombine, LOGCOMBINE, POSITIVE)
add_table("simplify", simplify, SIMPLIFY)
add_table("simplify", simplify, SIMPLIFY_POSITIVE, POSITIVE)
add_with_options("expand", expand, EXPAND)
add_table("expand_trig", expand_trig, EXPAND_TRIG)
add_table("expand_log", expand_log, EXPAND_LOG, POSITIVE)
add_table("expand_log", expand_log, EXPAND_LOG_PLAIN)
add_table("expand_power_exp", expand_power_exp, EXPAND_POWER_EXP)
add_table("expand_power_base", expand_power_base, EXPAND_POWER_BASE)
add_table("expand_power_base", expand_power_base, EXPAND_POWER_BASE, POSITIVE)
add_table("expand_power_base", expand_power_base, EXPAND_POWER_BASE_FORCED, options={"force": True})
add_table("expand_mul", expand_mul, EXPAND_MUL)
add_table("cse", cse, CSE)
add_table("series", lambda e: series(e, Symbol("x"), 0, 6), SERIES)
add_table("series", series, SERIES_ELSEWHERE)
add_table("limit", limit, LIMIT)
add_table("solve", solve, SOLVE)
add_table("solve", solve, SOLVE_SYSTEMS)
add_table("linsolve", lambda equations, unknowns: linsolve(equations, *unknowns), LINSOLVE)
add_table("nroots", nroots, NROOTS)
for line in MATRICES.strip().splitlines():
    matrix, methods = line.split(" ; ")
    for name in methods.split():
        args = ["lamda"] if name == "charpoly" else []
        add(name, MATRIX_METHODS.get(name) or (lambda m: getattr(m, name)()), matrix, args)
add_table("diff", diff, DIFF_FUNCTIONS)
add_table("idiff", idiff, IDIFF)
add_table("Derivative", Derivative, DERIVATIVE)
add_table("doit", lambda e: e.doit(), DOIT)
for text in EVALF.strip().splitlines():
    for digits in (15, 30, 50, 100):
        add("evalf", lambda e, n: e.evalf(n), text, [str(digits)])
write(__file__, cases)
